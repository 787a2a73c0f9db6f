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
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { createRequire, type RegisterHooksOptions } from "node:module";
import { join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type Exports,
  hasPackageFile,
  type OnLoaded,
  type PackageFile,
  packageFileOf,
  packageFolderOf,
} from "./package-files.ts";

type NodeModule = Partial<Pick<typeof import("node:module"), "registerHooks">>;

export class EsModules {
  readonly #files: readonly PackageFile[];
  readonly #names: readonly string[];
  readonly #mainScriptFile: () => string;
  /** Files that were resolved and have not been seen loaded. */
  readonly #resolved = new Set<string>();
  /** The folders of the packages that anything was imported of. */
  readonly folders = new Set<string>();
  readonly #folderOf: (file: string) => string | undefined;
  #takenAsImported = false;
  #stop = () => {};

  /** @param mainScriptFile returns the script from which the packages are looked for; PM2 names it late */
  constructor(files: readonly PackageFile[], mainScriptFile: () => string) {
    this.#mainScriptFile = mainScriptFile;
    this.#files = files.filter(({ format }) => format === "module");
    this.#names = [...new Set(this.#files.map((each) => each.package))];
    this.#folderOf = packageFolderOf(this.#files);
  }

  /** Whether Node tells what is loaded. Node 20 does not. */
  get areReported(): boolean {
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
  load(onLoaded: OnLoaded): void {
    if (!this.#takenAsImported && !this.areReported) {
      this.#takenAsImported = true;
      for (const folder of [...this.#packageFolders(), ...this.#aliasFolders()])
        for (const { file } of this.#files) {
          const filename = join(folder, normalize(file));
          // a package may be linked to from several places
          if (existsSync(filename)) this.#resolved.add(realpathSync(filename));
        }
    }
    for (const filename of this.#resolved) {
      const exports = packageFileOf(this.#files, filename) && exportsOf(filename);
      if (exports === undefined) continue;
      this.#resolved.delete(filename);
      onLoaded(filename, exports);
    }
  }

  /**
   * The names of packages that may have been imported without our knowing: on Node 20 under Yarn's Plug'n'Play, which has no
   * folders to look into.
   */
  hidden(): string[] {
    if (this.areReported || !isPlugAndPlay()) return [];
    const { resolve } = createRequire(this.#mainScriptFile());
    return this.#names.filter((name) => {
      try {
        return resolve(name) !== "";
      } catch (error) {
        // others say that it is there, and not for `require()`
        return (error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND";
      }
    });
  }

  #areInstalled(): boolean {
    if (isPlugAndPlay() || this.#packageFolders().length > 0) return true;
    return this.#aliasFolders().some((folder) => hasPackageFile(this.#files, folder));
  }

  /** Where one of the packages is installed in reach of the main script, wherever npm or pnpm have put it. */
  #packageFolders(): string[] {
    const folders = this.#nodeModulesFolders();
    return [...folders, ...folders.map((folder) => join(folder, ".pnpm/node_modules"))]
      .flatMap((folder) => this.#names.map((name) => join(folder, name)))
      .filter((folder) => existsSync(folder));
  }

  #nodeModulesFolders(): string[] {
    // as a folder: `node .` starts one, and in a file nothing is found
    return createRequire(join(this.#mainScriptFile(), "/")).resolve.paths("package") ?? [];
  }

  /** Where one may be installed under another name (`npm:hono@3`): it is known by its package.json, if its name is in that. */
  #aliasFolders(): string[] {
    return this.#nodeModulesFolders().flatMap((folder) => {
      const aliases = entriesOf(folder).filter((entry) =>
        this.#names.some((name) => entry !== name && entry.includes(name)),
      );
      return aliases.map((entry) => join(folder, entry));
    });
  }
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // not there, most of them
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
