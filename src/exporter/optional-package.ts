/**
 * Packages that only few need, and that are not installed with us: the application's copy, else one beside us.
 */
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { mainScript } from "../config/main-script.ts";

/** @throws Error with the command that installs it where it cannot be found; what loading it throws */
export function loadOptionalPackage<T>(name: string): T {
  for (const from of [pathToFileURL(resolve(mainScript() ?? "index.js")).href, import.meta.url]) {
    const require = createRequire(from);
    try {
      require.resolve(name);
    } catch {
      continue;
    }
    return require(name) as T;
  }
  throw new Error(`${name} is not installed; install it with: npm install ${name}`);
}
