/** `npm run otel-config`: writes the generated files of `otel-config/`; a test says when that is due. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { OTEL_CONFIG_FILES } from "./otel-config-files.ts";

for (const [path, render] of Object.entries(OTEL_CONFIG_FILES)) {
  const target = resolve(import.meta.dirname, "..", path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, render());
}
