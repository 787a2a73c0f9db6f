/**
 * Node's own modules, past `require` and `process.getBuiltinModule`: the application's tracing may have hooked both, and
 * would patch the module because we have asked for it. Where the application only imports it, its tracing never does.
 *
 * For what must not be loaded before it is needed; the build does the same to what is imported (scripts/unseen-builtins.ts).
 */
import Module from "node:module";

interface Builtins {
  readonly http: typeof import("node:http");
  readonly http2: typeof import("node:http2");
  readonly https: typeof import("node:https");
  readonly net: typeof import("node:net");
}

export function unseenBuiltin<Name extends keyof Builtins>(name: Name): Builtins[Name] {
  return (Module as unknown as { _load(request: string): Builtins[Name] })._load(`node:${name}`);
}
