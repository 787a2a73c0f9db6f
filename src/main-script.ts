/** The script that Node was started with: where it really is, as the modules that it loads are looked for from there. */
import { realpathSync } from "node:fs";
import { resolve } from "node:path";

export function mainScriptFile(): string {
  const path = resolve(process.argv[1] ?? "main");
  try {
    return realpathSync(path);
  } catch {
    return path; // without its extension
  }
}
