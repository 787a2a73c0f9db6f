/**
 * Tells when a CommonJS file has been loaded, whoever asks for it and however.
 *
 * Node's diagnostics channels tell of it, too. But while anybody listens to `module.require`, a crash shows Node's own
 * `throw err` in place of the line that threw. Each `require()` also has more of Node's frames on the stack, and so Node warns
 * of what a dependency has done (DEP0040, `punycode`). So it is seen at what the loader leaves behind: the file's module in
 * Node's cache, and its `loaded`.
 */
interface Module {
  loaded: boolean;
}
type ModuleCache = Record<string, Module | undefined>;

/**
 * Calls back once, when the file has been loaded or at once where it has been already. A file that fails to load, or is
 * taken out of the cache before, is not told of.
 *
 * @param filename as `require.resolve` has it
 * @param callback must not throw: who loads the file would take it for a failure
 * @returns gives up waiting
 */
export function onceLoaded(filename: string, callback: () => void): () => void {
  const cache = moduleCache();
  let waiting = true;
  const onLoaded = (isLoaded: boolean) => {
    if (isLoaded && waiting) callback();
  };
  const module = cache[filename];
  if (module?.loaded) callback();
  else if (module !== undefined) onceAssigned(module, "loaded", onLoaded);
  else onceAssigned(cache, filename, (loading) => loading && onceAssigned(loading, "loaded", onLoaded));
  return () => {
    waiting = false;
  };
}

/** Calls back once, when Node begins to load the file, before any of it runs. @param filename, callback as for `onceLoaded` */
export function onceLoading(filename: string, callback: () => void): () => void {
  let waiting = true;
  onceAssigned(moduleCache(), filename, (loading) => {
    if (loading !== undefined && waiting) callback();
  });
  return () => {
    waiting = false;
  };
}

function moduleCache(): ModuleCache {
  return (process.getBuiltinModule("node:module") as unknown as { _cache: ModuleCache })._cache;
}

/** As if nothing were there until it is assigned; from then on a property like any other. */
function onceAssigned<T extends object, K extends keyof T & string>(
  object: T,
  name: K,
  callback: (value: T[K]) => void,
) {
  const valueBefore = object[name];
  Object.defineProperty(object, name, {
    configurable: true,
    enumerable: valueBefore !== undefined,
    get: () => valueBefore,
    set(value: T[K]) {
      Object.defineProperty(object, name, { configurable: true, enumerable: true, writable: true, value });
      callback(value);
    },
  });
}
