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
import { basename, join, normalize, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { mainScript } from "../../config/main-script.ts";
import type { Exports, Tell } from "./loaded-modules.ts";
import { type PackageFile, packageFileOf } from "./package-files.ts";

type NodeModule = Partial<Pick<typeof import("node:module"), "registerHooks">>;

export class EsModules {
  readonly #files: readonly PackageFile[];
  /** There are hundreds of other folders beside theirs. */
  readonly #packages: RegExp;
  /** Files that were resolved and have not been seen loaded. */
  readonly #resolved = new Set<string>();
  #takenAsImported = false;
  #stop = () => {};

  constructor(files: readonly PackageFile[]) {
    this.#files = files.filter(({ format }) => format === "module");
    this.#packages = new RegExp([...new Set(this.#files.map((each) => basename(each.package)))].join("|"));
  }

  /** From now on remembers what is imported. */
  watch(): void {
    const { registerHooks } = process.getBuiltinModule("node:module") as NodeModule;
    if (registerHooks === undefined || !this.#areInstalled()) return;
    const hooks = registerHooks({ resolve: this.#onResolve });
    this.#stop = () => hooks.deregister();
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
    if (url.startsWith("file:") && this.#files.some(({ file }) => url.endsWith(file)))
      this.#resolved.add(fileURLToPath(url));
  }

  /** Tells of those that are loaded by now. */
  load(tell: Tell): void {
    if (!this.#takenAsImported && !("registerHooks" in process.getBuiltinModule("node:module"))) {
      this.#takenAsImported = true;
      for (const filename of this.#installed()) this.#resolved.add(filename);
    }
    for (const filename of this.#resolved) {
      const exports = packageFileOf(this.#files, filename) && exportsOf(filename);
      if (exports === undefined) continue;
      this.#resolved.delete(filename);
      tell(filename, exports);
    }
  }

  #areInstalled(): boolean {
    // Yarn's Plug'n'Play has no folders to look into
    return process.versions.pnp !== undefined || this.#installed().length > 0;
  }

  /** The files as they are installed where the main script can reach them, wherever npm or pnpm have put them. */
  #installed(): string[] {
    const folders = createRequire(realMainScript()).resolve.paths("package") ?? [];
    return [...folders, ...folders.map((folder) => join(folder, ".pnpm/node_modules"))]
      .flatMap((folder) => this.#candidatesIn(folder))
      .filter((filename) => existsSync(filename));
  }

  /** A package may be installed under another name, which contains its own: see package-files.ts. */
  #candidatesIn(folder: string): string[] {
    return namesIn(folder)
      .filter((name) => this.#packages.test(name))
      .flatMap((name) =>
        this.#files
          .filter((each) => name.includes(basename(each.package)))
          .map((each) => join(folder, name, normalize(each.file))),
      );
  }
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

function realMainScript(): string {
  const path = resolve(mainScript() ?? "main");
  try {
    return realpathSync(path);
  } catch {
    return path; // without its extension
  }
}
