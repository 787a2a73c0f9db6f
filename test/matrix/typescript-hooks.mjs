/** The hook for ES modules of typescript.mjs, which Node.js runs in a thread of its own. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";

export function load(url, context, nextLoad) {
  if (!url.endsWith(".ts")) return nextLoad(url, context);
  const source = transformSync(readFileSync(fileURLToPath(url), "utf8"), { loader: "ts", format: "esm" }).code;
  return { format: "module", source, shortCircuit: true };
}
