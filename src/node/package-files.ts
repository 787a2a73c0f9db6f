/**
 * Files of packages, recognised by where they are.
 */
import { existsSync, readFileSync } from "node:fs";
import { basename, join, normalize, sep } from "node:path";

export interface PackageFile {
  /** The package's name, by its own package.json: it may be installed under another one. */
  readonly package: string;
  /** The file in it that has what is wanted: `lib/application.js`. */
  readonly file: string;
  /** As what Node loads it: `module` is an ES module. */
  readonly format: "commonjs" | "module";
  /** Whether other versions of the package lack the file, and are known all the same. */
  readonly isOfSomeVersions?: boolean;
  /** Called once for each copy of the file that is loaded, with its exports. */
  readonly onLoaded: (exports: Exports) => void;
}

export type Exports = Readonly<Record<string, unknown>>;

/** Takes the exports of a file that has been loaded. */
export type OnLoaded = (filename: string, exports: Exports) => void;

/** Gives the folder of the package that a file (a path, or a URL) belongs to, if it is installed as one of these. */
export function packageFolderOf(files: readonly PackageFile[]): (file: string) => string | undefined {
  const names = [...new Set(files.map((each) => each.package))].join("|");
  const folder = new RegExp(`^(.*[\\\\/]node_modules[\\\\/](?:${names}))[\\\\/](?!.*[\\\\/]node_modules[\\\\/])`);
  return (file) => folder.exec(file)?.[1];
}

/** Whether the package in this folder has any of the files: a version that is not known may have others. */
export function hasPackageFile(files: readonly PackageFile[], folder: string): boolean {
  return files.some((each) => existsSync(join(folder, normalize(each.file))) && isRootOf(folder, each.package));
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
