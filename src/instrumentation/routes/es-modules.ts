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
import { existsSync, realpathSync } from "node:fs";
import { createRequire, type RegisterHooksOptions } from "node:module";
import { join, normalize, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type PackageFile, packageFileOf } from "./package-files.ts";

type NodeModule = Partial<Pick<typeof import("node:module"), "registerHooks">>;

export class EsModules {
  readonly #files: readonly PackageFile[];
  /** Files that were resolved and have not been seen loaded. */
  readonly #resolved = new Set<string>();
  readonly #told = new Set<string>();
  #stop = () => {};

  constructor(files: readonly PackageFile[]) {
    this.#files = files;
    const names = [...new Set(files.map((each) => each.package))];
    const installed = installedPackages(names);
    if (installed.length === 0 && process.versions.pnp === undefined) return;
    const { registerHooks } = process.getBuiltinModule("node:module") as NodeModule;
    if (registerHooks === undefined) this.#takeAsImported(installed);
    else {
      const hooks = registerHooks({ resolve: this.#onResolve });
      this.#stop = () => hooks.deregister();
    }
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
    if (!url.startsWith("file:") || !this.#files.some(({ file }) => url.endsWith(file))) return;
    const filename = fileURLToPath(url);
    if (!this.#told.has(filename)) this.#resolved.add(filename);
  }

  #takeAsImported(roots: readonly string[]): void {
    for (const root of roots) {
      for (const { file } of this.#files) {
        const filename = join(root, normalize(file));
        if (existsSync(filename)) this.#resolved.add(filename);
      }
    }
  }

  /** Tells of those that are loaded by now. */
  load(): void {
    for (const filename of this.#resolved) {
      const file = packageFileOf(this.#files, filename);
      const exports = file && exportsOf(filename);
      if (file !== undefined && exports === undefined) continue;
      this.#resolved.delete(filename);
      this.#told.add(filename);
      if (exports !== undefined) file?.onLoaded(exports);
    }
  }
}

type Exports = Readonly<Record<string, unknown>>;

function exportsOf(filename: string): Exports | undefined {
  try {
    // required by a file of the package's: what others require of ES modules, Node may warn about
    return createRequire(filename)(filename) as Exports;
  } catch {
    return undefined; // is being loaded right now
  }
}

/** The folders of those packages that the main script can reach, wherever npm or pnpm have put them. */
function installedPackages(names: readonly string[]): string[] {
  const folders = createRequire(mainScript()).resolve.paths("package") ?? [];
  return [...folders, ...folders.map((folder) => join(folder, ".pnpm/node_modules"))]
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .filter((root) => existsSync(root));
}

function mainScript(): string {
  const path = resolve(process.argv[1] ?? "main");
  try {
    return realpathSync(path);
  } catch {
    return path; // without its extension
  }
}
