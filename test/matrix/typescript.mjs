/**
 * Lets a Node.js without type stripping run the applications under test that are written in TypeScript, as `--import`:
 * https://nodejs.org/docs/latest-v20.x/api/module.html#customization-hooks
 */
import { readFileSync } from "node:fs";
import Module, { register } from "node:module";
import { transformSync } from "esbuild";

register("./typescript-hooks.mjs", import.meta.url);

Module._extensions[".ts"] = (module, path) => {
  const { code } = transformSync(readFileSync(path, "utf8"), {
    loader: "ts",
    format: "cjs",
    define: { "import.meta.url": "importMetaUrl" },
    banner: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;',
  });
  module._compile(code, path);
};
