/** From what tsc emits for all sources to the few declarations that the public API needs. */

import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, normalize } from "node:path";

const SPECIFIER = /(\bfrom\s*|\bimport\s*\(\s*)"([^"]+)"/g;

/**
 * The declaration of the entry and of every file it reaches, by path, as `.d.cts`.
 *
 * @throws if one of them needs the types of another package: users would have to install it to compile.
 */
export function declarations(emitted: string, entry: string): Map<string, string> {
  const result = new Map<string, string>();
  const pending = [entry];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const output = path.replace(/\.d\.ts$/, ".d.cts");
    if (result.has(output)) continue;
    const source = readFileSync(join(emitted, path), "utf8");
    const folder = dirname(path);
    for (const [, , specifier = ""] of source.matchAll(SPECIFIER)) {
      if (specifier.startsWith("."))
        pending.push(normalize(join(folder, specifier.replace(/\.ts$/, ".d.ts"))));
      else if (!specifier.startsWith("node:") && !builtinModules.includes(specifier)) {
        throw new Error(
          `the public types reach ${path}, which imports "${specifier}": keep them free of packages`,
        );
      }
    }
    result.set(
      output,
      source.replace(SPECIFIER, (whole, before: string, specifier: string) =>
        specifier.startsWith(".") ? `${before}"${specifier.replace(/\.ts$/, ".cjs")}"` : whole,
      ),
    );
  }
  return result;
}
