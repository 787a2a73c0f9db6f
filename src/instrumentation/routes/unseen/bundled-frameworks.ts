/**
 * Frameworks that a bundler has put into the application's own files, where nobody gets at their classes.
 *
 * They are recognised by the marks of their own files (framework.ts). The files of a bundle are found as Node finds them,
 * by the relative paths that the main script imports.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { BundleMarks } from "../framework.ts";

export interface BundledFramework {
  readonly framework: string;
  readonly isAlwaysBundled: boolean;
  /** The file that it is in. */
  readonly file: string;
}

/** A bundle has a few files; an application of many is none. */
const MOST_FILES = 200;
const IMPORTED = /\b(?:from|import|require)\s*\(?\s*(["'`])(\.{1,2}\/[^"'`\n]+)\1/g;
const EXTENSIONS = ["", ".js", ".cjs", ".mjs"];

/** What is in the main script and in the files of the application that it loads. What cannot be read has nothing in it. */
export async function findBundledFrameworks(
  mainScript: string,
  bundles: readonly BundleMarks[],
): Promise<BundledFramework[]> {
  const found = new Map<string, BundledFramework>();
  const files = new Set([mainScript, ...requiredFiles()]);
  for (const file of files) {
    const text = await readFile(file, "latin1").catch(() => "");
    for (const { name, marks, isAlwaysBundled = false } of bundles)
      if (!found.has(name) && marks.every((mark) => mark.test(text)))
        found.set(name, { framework: name, isAlwaysBundled, file });
    for (const [, , path = ""] of text.matchAll(IMPORTED)) {
      const imported = isInstalled(path) ? undefined : fileOf(join(dirname(file), path));
      if (imported !== undefined && files.size < MOST_FILES) files.add(imported);
    }
  }
  return [...found.values()];
}

function fileOf(path: string): string | undefined {
  const extension = EXTENSIONS.find((each) => existsSync(path + each));
  return extension === undefined ? undefined : path + extension;
}

/** What was required by names that are only known at run time, as the chunks of a bundle are. */
function requiredFiles(): string[] {
  const { cache } = createRequire(import.meta.url);
  return Object.keys(cache)
    .filter((file) => !isInstalled(file))
    .slice(0, MOST_FILES);
}

function isInstalled(file: string): boolean {
  return /[\\/]node_modules[\\/]/.test(file);
}
