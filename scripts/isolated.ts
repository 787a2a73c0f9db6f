/**
 * Builds OpenTelemetry's instrumentations of outgoing requests so that they share nothing with those that the application
 * may have of its own: the API without its globals (no tracer, no propagator, no context manager is ever found), and no
 * hooks into module loading, which builtins do not need.
 */
import { dirname, join, sep } from "node:path";
import type { Plugin } from "esbuild";

const API_GLOBALS = `
  export const registerGlobal = () => false;
  export const getGlobal = () => undefined;
  export const unregisterGlobal = () => {};
`;
const MODULE_HOOKS = "export class Hook {}";

const REPLACED: Readonly<Record<string, string>> = {
  [join("@opentelemetry", "api", "dist", "internal", "global-utils.mjs")]: API_GLOBALS,
  [join("require-in-the-middle", "index.js")]: MODULE_HOOKS,
  [join("import-in-the-middle", "index.js")]: MODULE_HOOKS,
};

export const isolated: Plugin = {
  name: "isolated",
  setup({ onLoad, onEnd }) {
    const replaced = new Set<string>();
    onLoad({ filter: /node_modules/ }, ({ path }) => {
      const name = Object.keys(REPLACED).find((name) => path.endsWith(join(sep, "node_modules", name)));
      if (name === undefined) return undefined;
      replaced.add(name);
      return { contents: REPLACED[name] as string, resolveDir: dirname(path) };
    });
    onEnd(() => ({
      errors: Object.keys(REPLACED)
        .filter((name) => !replaced.has(name))
        .map((name) => ({ text: `${name} was not met: the application's tracing would be seen` })),
    }));
  },
};
