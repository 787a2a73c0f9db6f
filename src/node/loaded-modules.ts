/**
 * Tells of the files of certain packages that the process has loaded, with as little as can be done for it.
 *
 * What was loaded by `require()`, or is CommonJS and was imported, is in Node's module cache. It is looked through when a
 * server is about to listen: late enough to cost nothing at start-up, and early enough for methods that are called with
 * each request. It is looked through again while there are requests without a route. Node would tell of each `require()`, but
 * then a crash shows Node's own `throw err` in place of the line that threw.
 * https://nodejs.org/api/diagnostics_channel.html#modules
 *
 * ES modules that were imported are in no cache that can be read: see es-modules.ts.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { EsModules } from "./es-modules.ts";
import {
  type Exports,
  hasPackageFile,
  type OnLoaded,
  type PackageFile,
  packageFileOf,
  packageFolderOf,
} from "./package-files.ts";

const LISTEN_START = "tracing:net.server.listen:asyncStart";
/** Where a server listened before we came, its first request has to do; and what is loaded between the two is there by then. */
const REQUEST_START = "http.server.request.start";
const IMPORT_START = "tracing:module.import:start";
const IMPORTED = "tracing:module.import:asyncEnd";

/** Packages that the application has, and whose files cannot be told of. */
export interface UnseenPackages {
  /** The folders of those that are loaded, and have none of the files. */
  readonly unknown: readonly string[];
  /** The names of those that may be loaded as ES modules. */
  readonly hidden: readonly string[];
}

export interface LoadedModulesObserver {
  /** Looks for what has been loaded since a server first listened. */
  searchAgain(): void;
  unseen(): UnseenPackages;
  remove(): void;
}

export interface LoadedModulesOptions {
  readonly files: readonly PackageFile[];
  /** Returns the script from which packages are looked for. */
  readonly mainScriptFile: () => string;
  /** Takes an exception out of our own code. */
  readonly onFailure: (error: unknown) => void;
}

export function observeLoadedModules({
  files,
  mainScriptFile,
  onFailure,
}: LoadedModulesOptions): LoadedModulesObserver {
  const cached = new CachedModules(files);
  const imported = new EsModules(files, mainScriptFile);
  const names = [...new Set(files.map((each) => each.package))].join("|");
  /** A package by its name, or one of its files by its path. */
  const ofPackages = new RegExp(`(?:^|[\\\\/])(?:${names})(?:$|[\\\\/])`);
  const reported = new Set<string>();
  let acting = false;
  let watching = false;

  function guarded(act: () => void): void {
    if (acting) return; // what we load ourselves is told of, too
    acting = true;
    try {
      act();
    } catch (error) {
      onFailure(error);
    } finally {
      acting = false;
    }
  }

  const onLoaded: OnLoaded = (filename, exports) => {
    if (reported.has(filename)) return;
    reported.add(filename);
    if (typeof exports === "object" ? exports !== null : typeof exports === "function")
      packageFileOf(files, filename)?.onLoaded(exports);
  };

  function onFirstRequest(): void {
    unsubscribe(REQUEST_START, onFirstRequest);
    onServer();
  }

  function onServer(): void {
    guarded(() => {
      cached.search(onLoaded);
      imported.load(onLoaded);
      // from now on only: before, they would be asked about each module of the application
      if (watching) return;
      watching = true;
      subscribe(IMPORTED, onImported);
    });
  }

  /** A program without ES modules need not pay for them. */
  function onFirstImport(): void {
    guarded(() => {
      unsubscribe(IMPORT_START, onFirstImport);
      imported.watch();
    });
  }

  function onImported(message: unknown): void {
    guarded(() => {
      if (ofPackages.test(String((message as { url?: unknown }).url))) imported.load(onLoaded);
    });
  }

  subscribe(LISTEN_START, onServer);
  subscribe(REQUEST_START, onFirstRequest);
  subscribe(IMPORT_START, onFirstImport);
  return {
    searchAgain() {
      guarded(() => cached.search(onLoaded));
    },
    unseen() {
      const folders = new Set([...cached.folders(), ...imported.folders]);
      const seen = new Set([...reported].map((filename) => packageFileOf(files, filename)?.package));
      return {
        unknown: [...folders].filter((folder) => !hasPackageFile(files, folder)),
        hidden: imported.hidden().filter((name) => !seen.has(name)),
      };
    },
    remove() {
      unsubscribe(LISTEN_START, onServer);
      unsubscribe(REQUEST_START, onFirstRequest);
      unsubscribe(IMPORT_START, onFirstImport);
      unsubscribe(IMPORTED, onImported);
      imported.stop();
    },
  };
}

interface CachedModule {
  readonly loaded: boolean;
  readonly exports: Exports;
}
type ModuleCache = Readonly<Record<string, CachedModule | undefined>>;

class CachedModules {
  readonly #files: readonly PackageFile[];
  readonly #seen = new Set<string>();

  constructor(files: readonly PackageFile[]) {
    this.#files = files;
  }

  /** Of the packages that anything was required of. */
  folders(): Iterable<string> {
    const files = this.#files.filter(({ isOfSomeVersions }) => isOfSomeVersions !== true);
    return Object.keys(moduleCache())
      .map(packageFolderOf(files))
      .filter((folder) => folder !== undefined);
  }

  search(onLoaded: OnLoaded): void {
    const cache = moduleCache();
    for (const filename of Object.keys(cache)) {
      if (this.#seen.has(filename)) continue;
      const module = cache[filename];
      if (module?.loaded !== true) continue; // comes again when it is
      this.#seen.add(filename);
      if (packageFileOf(this.#files, filename) !== undefined) onLoaded(filename, module.exports);
    }
  }
}

/** What `require.cache` is: there is no other way to it from an ES module. */
function moduleCache(): ModuleCache {
  return (process.getBuiltinModule("node:module") as unknown as { _cache: ModuleCache })._cache;
}
