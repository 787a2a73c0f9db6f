/**
 * What the files export that a built server consists of: those that its main script imports, and those that these import. Node has
 * loaded them by the time that a server listens, so that nothing is run here.
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** A build has a few files; an application of many is none. */
const MOST_FILES = 200;
/** Not `import()`, by which a file may be loaded at a later time. */
const IMPORTED = /^(?:import|export)\b[^"'()]*["'](\.{1,2}\/[^"'\n]+)["']/gm;

/**
 * @param isBuilt matches the text of a main script whose imports are followed
 * @param wanted matches the text of the files whose exports are returned
 */
export function importedExports(mainScript: string, isBuilt: RegExp, wanted: RegExp): unknown[] {
  const main = existsSync(join(mainScript, "index.js")) ? join(mainScript, "index.js") : mainScript;
  const exported: unknown[] = [];
  const files = new Set([main]);
  for (const file of files) {
    const text = textOf(file);
    if (file === main && !isBuilt.test(text)) return [];
    if (file !== main && wanted.test(text)) exported.push(...exportsOf(file));
    for (const [, path = ""] of text.matchAll(IMPORTED))
      if (files.size < MOST_FILES) files.add(join(dirname(file), path));
  }
  return exported;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function exportsOf(file: string): unknown[] {
  try {
    return Object.values(createRequire(file)(file) as object);
  } catch {
    return []; // waits for something while it is loaded, or is not a file of JavaScript
  }
}
