/**
 * Tells of the files of certain packages that have been imported as ES modules.
 *
 * Node tells nobody which ES modules there are, but for a hook on how their specifiers are resolved. Ours passes every
 * resolution on as it is and remembers the files that are wanted. What such a file exports is had by `require()`, which
 * gives the instance that was imported. https://nodejs.org/api/module.html#loading-ecmascript-modules-using-require
 *
 * The hook costs each module of the application some microseconds, so it is there only where one of the packages is
 * installed. Node 20 has no such hook in the thread of the application: what is installed there is taken as imported.
 */
import { existsSync, readdirSync } from "node:fs";
import { createRequire, type RegisterHooksOptions } from "node:module";
import { basename, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { mainScriptFile } from "../../config/main-script.ts";
import type { Exports, Tell } from "./loaded-modules.ts";
import { type PackageFile, packageFileOf, packageFolderOf } from "./package-files.ts";

type NodeModule = Partial<Pick<typeof import("node:module"), "registerHooks">>;

export class EsModules {
  readonly #files: readonly PackageFile[];
  /** There are hundreds of other folders beside theirs. */
  readonly #packages: RegExp;
  /** Files that were resolved and have not been seen loaded. */
  readonly #resolved = new Set<string>();
  /** The folders of the packages that anything was imported of. */
  readonly folders = new Set<string>();
  readonly #folderOf: (file: string) => string | undefined;
  #takenAsImported = false;
  #stop = () => {};

  constructor(files: readonly PackageFile[]) {
    this.#files = files.filter(({ format }) => format === "module");
    this.#folderOf = packageFolderOf(this.#files);
    this.#packages = new RegExp([...new Set(this.#files.map((each) => basename(each.package)))].join("|"));
  }

  /** Whether Node tells what is loaded. Node 20 does not. */
  get isToldOf(): boolean {
    return hooks() !== undefined;
  }

  /** From now on remembers what is imported. */
  watch(): void {
    const registerHooks = hooks();
    if (registerHooks === undefined || !this.#areInstalled()) return;
    const registered = registerHooks({ resolve: this.#onResolve });
    this.#stop = () => registered.deregister();
  }

  stop(): void {
    this.#stop();
  }

  readonly #onResolve: RegisterHooksOptions["resolve"] = (specifier, context, nextResolve) => {
    const resolved = nextResolve(specifier, context);
    try {
      this.#note(resolved.url);
    } catch {
      // a URL of somebody else's hook
    }
    return resolved;
  };

  #note(url: string): void {
    if (!url.startsWith("file:")) return;
    if (this.#files.some(({ file }) => url.endsWith(file))) this.#resolved.add(fileURLToPath(url));
    const folder = this.#folderOf(url);
    if (folder !== undefined) this.folders.add(fileURLToPath(folder));
  }

  /** Tells of those that are loaded by now. */
  load(tell: Tell): void {
    if (!this.#takenAsImported && !this.isToldOf) {
      this.#takenAsImported = true;
      for (const filename of this.#installed(({ file }) => normalize(file))) this.#resolved.add(filename);
    }
    for (const filename of this.#resolved) {
      const exports = packageFileOf(this.#files, filename) && exportsOf(filename);
      if (exports === undefined) continue;
      this.#resolved.delete(filename);
      tell(filename, exports);
    }
  }

  /**
   * The names of packages that may have been imported without our knowing: on Node 20 under Yarn's Plug'n'Play, which has no
   * folders to look into.
   */
  hidden(): string[] {
    if (this.isToldOf || !isPlugAndPlay()) return [];
    const { resolve } = createRequire(mainScriptFile());
    return [...new Set(this.#files.map((each) => each.package))].filter((name) => {
      try {
        return resolve(name) !== "";
      } catch (error) {
        // others say that it is there, and not for `require()`
        return (error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND";
      }
    });
  }

  #areInstalled(): boolean {
    return isPlugAndPlay() || this.#installed(() => "").length > 0;
  }

  /**
   * What of each file is installed where the main script can reach it, wherever npm or pnpm have put it.
   *
   * @param pathOf what is looked for in the folder of its package
   */
  #installed(pathOf: (file: PackageFile) => string): string[] {
    const folders = createRequire(mainScriptFile()).resolve.paths("package") ?? [];
    return [...folders, ...folders.map((folder) => join(folder, ".pnpm/node_modules"))]
      .flatMap((folder) => this.#candidatesIn(folder, pathOf))
      .filter((path) => existsSync(path));
  }

  /** A package may be installed under another name, which contains its own: see package-files.ts. */
  #candidatesIn(folder: string, pathOf: (file: PackageFile) => string): string[] {
    return namesIn(folder)
      .filter((name) => this.#packages.test(name))
      .flatMap((name) =>
        this.#files
          .filter((each) => name.includes(basename(each.package)))
          .map((each) => join(folder, name, pathOf(each))),
      );
  }
}

function hooks(): NodeModule["registerHooks"] {
  return (process.getBuiltinModule("node:module") as NodeModule).registerHooks;
}

function isPlugAndPlay(): boolean {
  return process.versions.pnp !== undefined;
}

function exportsOf(filename: string): Exports | undefined {
  try {
    // required by a file of the package's: what others require of ES modules, Node may warn about
    return createRequire(filename)(filename) as Exports;
  } catch {
    return undefined; // is being loaded right now
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // most folders that Node would look into are not there
  }
}
