/**
 * Tells of the files of certain packages that the process has loaded, without a hook on how modules are loaded.
 *
 * CommonJS files, also those that ES modules have imported, are in Node's module cache. It is looked through when a
 * server is about to listen: late enough to cost nothing at start-up, and early enough for a method that is called with
 * each request. What is loaded later is told of by Node's diagnostics channels, from Node 22 on.
 * https://nodejs.org/api/diagnostics_channel.html#modules
 *
 * ES modules are in no cache that can be read: see es-modules.ts.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { EsModules } from "./es-modules.ts";
import { type PackageFile, packageFileOf } from "./package-files.ts";

const LISTEN_START = "tracing:net.server.listen:asyncStart";
/** Where a server listened before we came, its first request has to do. */
const REQUEST_START = "http.server.request.start";
const REQUIRED = "tracing:module.require:end";
const IMPORTED = "tracing:module.import:asyncEnd";

interface LoadedModule {
  readonly loaded: boolean;
  readonly exports: Readonly<Record<string, unknown>>;
}
type ModuleCache = Readonly<Record<string, LoadedModule | undefined>>;

export interface LoadedModulesObserver {
  remove(): void;
}

/**
 * @param commonJs files that are CommonJS modules
 * @param esModules files that are ES modules
 * @param onFailure takes an exception out of our own code
 */
export function observeLoadedModules(
  commonJs: readonly PackageFile[],
  esModules: readonly PackageFile[],
  onFailure: (error: unknown) => void,
): LoadedModulesObserver {
  const loaded = new LoadedCommonJs(commonJs);
  const imported = new EsModules(esModules);
  const names = [...new Set([...commonJs, ...esModules].map((each) => each.package))].join("|");
  /** A package by its name, or one of its files by its path. */
  const ofPackages = new RegExp(`(?:^|[\\\\/])(?:${names})(?:$|[\\\\/])`);
  let searching = false;

  function guarded(search: () => void): void {
    // what we require ourselves is told of, too
    if (searching) return;
    searching = true;
    try {
      search();
    } catch (error) {
      onFailure(error);
    } finally {
      searching = false;
    }
  }

  function onServer(): void {
    guarded(() => {
      unsubscribe(REQUEST_START, onServer);
      loaded.search();
      imported.load();
      // from now on only: before, they would be asked about each module of the application
      subscribe(REQUIRED, onRequired);
      subscribe(IMPORTED, onImported);
    });
  }

  function onRequired(message: unknown): void {
    guarded(() => {
      if (ofPackages.test(String((message as { id?: unknown }).id))) loaded.search();
    });
  }

  function onImported(message: unknown): void {
    guarded(() => {
      if (ofPackages.test(String((message as { url?: unknown }).url))) imported.load();
    });
  }

  subscribe(LISTEN_START, onServer);
  subscribe(REQUEST_START, onServer);
  return {
    remove() {
      unsubscribe(LISTEN_START, onServer);
      unsubscribe(REQUEST_START, onServer);
      unsubscribe(REQUIRED, onRequired);
      unsubscribe(IMPORTED, onImported);
      imported.stop();
    },
  };
}

class LoadedCommonJs {
  readonly #files: readonly PackageFile[];
  readonly #seen = new Set<string>();

  constructor(files: readonly PackageFile[]) {
    this.#files = files;
  }

  search(): void {
    const { _cache: cache } = process.getBuiltinModule("node:module") as unknown as { _cache: ModuleCache };
    for (const filename of Object.keys(cache)) {
      if (this.#seen.has(filename)) continue;
      const module = cache[filename];
      if (module?.loaded !== true) continue; // comes again when it is
      this.#seen.add(filename);
      packageFileOf(this.#files, filename)?.onLoaded(module.exports);
    }
  }
}
