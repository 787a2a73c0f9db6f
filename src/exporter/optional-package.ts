/**
 * Packages that only few need, and that are not installed with us: the application's copy, else one beside us.
 */
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { mainScript } from "../config/main-script.ts";

/** The file to load. @throws Error with the command that installs it where it cannot be found */
export function resolveOptionalPackage(name: string): string {
  // as a folder: it may be one, and in a file nothing is found
  const main = join(resolve(mainScript() ?? "index.js"), "/");
  for (const from of [pathToFileURL(main).href, import.meta.url]) {
    try {
      return createRequire(from).resolve(name);
    } catch {
      // perhaps beside us
    }
  }
  throw new Error(`${name} is not installed; install it with: npm install ${name}`);
}

/** @throws as `resolveOptionalPackage`, and what loading it throws */
export function loadOptionalPackage<T>(name: string): T {
  return createRequire(import.meta.url)(resolveOptionalPackage(name)) as T;
}
