/**
 * Node's own modules, past `require` and `process.getBuiltinModule`: the application's tracing may have hooked both, and
 * would patch the module because we have asked for it. Where the application only imports it, its tracing never does.
 *
 * For what must not be loaded before it is needed; the build does the same to what is imported (scripts/unseen-builtins.ts).
 */
import Module from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

interface Builtins {
  readonly dns: typeof import("node:dns");
  readonly http: typeof import("node:http");
  readonly http2: typeof import("node:http2");
  readonly https: typeof import("node:https");
  readonly net: typeof import("node:net");
}

type Load = (request: string, parent: { readonly filename: string }) => unknown;

/**
 * Who asks. Hooks of `module.registerHooks()` take a module that nobody asks for to be the main script, and
 * import-in-the-middle 3.4 to 3.6 has Node look for a file of that name.
 */
const filename = fileURLToPath(import.meta.url);
const ASKING = { id: filename, filename, path: dirname(filename) };

export function unseenBuiltin<Name extends keyof Builtins>(name: Name): Builtins[Name] {
  const id = `node:${name}` as const;
  try {
    return (Module as unknown as { _load: Load })._load(id, ASKING) as Builtins[Name];
  } catch {
    // a hook stands in the way: better seen than without
    return process.getBuiltinModule(id) as Builtins[Name];
  }
}
