/**
 * Files of packages, recognised by where they are.
 */
import { readFileSync } from "node:fs";
import { basename, join, normalize, sep } from "node:path";

export interface PackageFile {
  /** The package's name, by its own package.json: it may be installed under another one. */
  readonly package: string;
  /** The file in it that has what is wanted: `lib/application.js`. */
  readonly file: string;
  /** As what Node loads it: `module` is an ES module. */
  readonly format: "commonjs" | "module";
  /** Called once for each copy of the file that is loaded, with its exports. */
  readonly onLoaded: (exports: Readonly<Record<string, unknown>>) => void;
}

/** Which of the files this one is, if any. */
export function packageFileOf(files: readonly PackageFile[], filename: string): PackageFile | undefined {
  return files.find((each) => {
    const suffix = sep + normalize(each.file);
    return filename.endsWith(suffix) && isRootOf(filename.slice(0, -suffix.length), each.package);
  });
}

function isRootOf(root: string, name: string): boolean {
  // most files that are called like one of ours are in a folder that is called quite differently
  if (!basename(root).includes(basename(name))) return false;
  try {
    return (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { name?: unknown }).name === name;
  } catch {
    return false;
  }
}
