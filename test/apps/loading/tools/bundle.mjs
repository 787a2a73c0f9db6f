// node bundle.mjs <bundler> <entry> <outfile>: one file, CommonJS or ES module by the ending of its name.
import { basename, dirname } from "node:path";
import { promisify } from "node:util";
import commonjs from "@rollup/plugin-commonjs";
import json from "@rollup/plugin-json";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { build } from "esbuild";
import { rollup } from "rollup";
import webpack from "webpack";

const [, , bundler, entry, outfile] = process.argv;
const isModule = outfile.endsWith(".mjs");

const bundlers = {
  async esbuild() {
    // packages that are CommonJS ask for Node's own modules by require
    const js = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
    await build({
      entryPoints: [entry],
      outfile,
      bundle: true,
      minify: true,
      platform: "node",
      format: isModule ? "esm" : "cjs",
      logLevel: "error",
      banner: isModule ? { js } : {},
    });
  },

  async rollup() {
    const plugins = [nodeResolve({ preferBuiltins: true, exportConditions: ["node"] }), commonjs(), json()];
    const bundle = await rollup({ input: entry, plugins, onwarn() {} });
    await bundle.write({ file: outfile, format: isModule ? "es" : "cjs", inlineDynamicImports: true });
  },

  async webpack() {
    const stats = await promisify(webpack)({
      mode: "production",
      // what esbuild shows as well, in a hundredth of the time
      optimization: { minimize: false },
      target: "node20",
      entry,
      experiments: { outputModule: isModule },
      output: { path: dirname(outfile), filename: basename(outfile), module: isModule },
    });
    if (stats.hasErrors()) throw new Error(stats.toString("errors-only"));
  },
};

await bundlers[bundler]();
