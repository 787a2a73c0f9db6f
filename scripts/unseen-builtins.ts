/**
 * `require` in the bundles, past the hooks of the application's tracing: those patch a module when somebody requires it. An
 * application of ES modules never does so itself, and would have its `node:http` patched because we need one.
 * src/node/unseen-builtin.ts is how, and the same for what is needed in the middle of a function.
 */
import { join, resolve } from "node:path";
import type { Plugin } from "esbuild";

/**
 * Those that OpenTelemetry has an instrumentation for, but `fs`: that one is off unless asked for, the SDK itself requires
 * the module, and going past `require` costs a copy of it, a millisecond at each start.
 */
const INSTRUMENTED = /^(?:node:)?(dns|http|https|http2|net)$/;
const UNSEEN_BUILTIN = join(resolve(import.meta.dirname, ".."), "src/node/unseen-builtin.ts");

export const unseenBuiltins: Plugin = {
  name: "unseen-builtins",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: INSTRUMENTED }, ({ path }) => ({
      path: path.replace("node:", ""),
      namespace: "unseen-builtin",
    }));
    onLoad({ filter: /./, namespace: "unseen-builtin" }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(UNSEEN_BUILTIN)}).unseenBuiltin("${path}");`,
      resolveDir: import.meta.dirname,
    }));
  },
};
