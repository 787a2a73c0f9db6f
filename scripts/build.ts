/**
 * Builds what the package ships (`dist/` and `register/`, neither of them kept in git).
 *
 * The preload is one CommonJS file, and others that it loads when there is need for them, made from the *ESM* entries of its dependencies so that they are tree-shaken:
 * resolving them one by one at start-up, or bundling their CommonJS entries, costs the application many times
 * the milliseconds. It also lets the package work from any folder, without a node_modules beside it.
 * The command `otel-red` is a bundle of its own, with libraries that the preload never sees.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";
import { LATE_FILES, type LateFile } from "../src/node/late.ts";
import { isolated } from "./isolated.ts";
import { leftOut } from "./left-out.ts";
import { licences } from "./licences.ts";
import { unseenBuiltins } from "./unseen-builtins.ts";

const ROOT = resolve(import.meta.dirname, "..");
const SRC = join(ROOT, "src");
const DIST = join(ROOT, "dist");

/**
 * Loaded from node_modules at run time, and only when asked for (RED_HTTP_INSTRUMENTATION=stock): they hook module
 * loading, and other instrumentations of the application must find the same copy. Everything else is bundled.
 */
const LOADED_AT_RUN_TIME = ["@opentelemetry/instrumentation", "@opentelemetry/instrumentation-http"];

/** The built file of a source that is loaded late, by the path of the source below `src`. */
const builtFileOf = new Map<string, string>(Object.entries(LATE_FILES).map(([name, source]) => [source, name]));

/** A dynamic import of one of these sources becomes an import of its built file. */
const loadedLate: Plugin = {
  name: "loaded-late",
  setup({ onResolve }) {
    onResolve({ filter: /\.ts$/ }, ({ kind, path, resolveDir }) => {
      const name = builtFileOf.get(relative(SRC, resolve(resolveDir, path)));
      return kind === "dynamic-import" && name ? { path: `./${name}.cjs`, external: true } : undefined;
    });
  },
};

/** What OpenTelemetry's packages say goes to our log, and not to the `diag` of the application. */
const ownDiag: Plugin = {
  name: "own-diag",
  setup({ onResolve }) {
    onResolve({ filter: /^@opentelemetry\/api$/ }, ({ importer }) =>
      relative(ROOT, importer).startsWith("node_modules")
        ? { path: join(ROOT, "src/exporter/diag/api.ts") }
        : undefined,
    );
  },
};

/** Content by path relative to the root. */
type Files = Map<string, string | Uint8Array>;

/** Sources that are loaded late, as esbuild's entry points. */
function late(...names: LateFile[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, join("src", LATE_FILES[name])]));
}

const BUNDLES: readonly Pick<BuildOptions, "entryPoints" | "plugins" | "external" | "minify" | "sourcemap">[] = [
  {
    entryPoints: {
      register: "src/register.ts",
      index: "src/index.ts",
      ...late("exporter", "otlp", "export-thread", "stock", "runtime"),
    },
    plugins: [loadedLate, ownDiag, leftOut, unseenBuiltins],
    external: LOADED_AT_RUN_TIME,
  },
  { entryPoints: late("client"), plugins: [isolated, unseenBuiltins] },
  { entryPoints: late("globs"), plugins: [unseenBuiltins] },
  // comes as one file of 3 MB, and its map would be 5 MB more
  { entryPoints: late("check-pattern"), plugins: [unseenBuiltins], sourcemap: false },
  { entryPoints: late("other-hosts"), plugins: [ownDiag, unseenBuiltins] },
  // the command shows no stack traces, and Grafana's library comes as CommonJS, which cannot be tree-shaken
  { entryPoints: { cli: "src/cli/main.ts" }, minify: true, sourcemap: false },
];

async function bundle(options: (typeof BUNDLES)[number]): Promise<{ files: Files; metafile: Metafile }> {
  const { outputFiles, metafile, warnings } = await build({
    absWorkingDir: ROOT,
    // as `require`: the application's own hooks for ES modules are none of our business
    supported: { "dynamic-import": false },
    outdir: "dist",
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    target: "node20.19",
    format: "cjs",
    // `main` first is esbuild's default for Node; packages without an exports map have their ESM entry in `module`.
    mainFields: ["module", "main"],
    define: {
      "import.meta.url": "importMetaUrl",
      "import.meta.dirname": "__dirname",
    },
    // Comments and white space are read at each start; names are kept for stack traces, in lines that can be printed.
    minifySyntax: true,
    minifyWhitespace: true,
    lineLimit: 160,
    inject: ["scripts/import-meta-url.ts", "scripts/unref-timers.ts"],
    // Names and lines for stack traces; the text of the sources would double the package and slow down
    // `node --enable-source-maps`, which parses the map of every file it loads.
    sourcemap: true,
    sourcesContent: false,
    ...options,
    // THIRD-PARTY-LICENSES.txt has them all.
    legalComments: "none",
    metafile: true,
    write: false,
    logLevel: "warning",
  });
  if (warnings.length > 0) throw new Error("esbuild warned: a bundle with warnings is not shipped");
  const files: Files = new Map(outputFiles.map((file) => [relative(ROOT, file.path), file.contents]));
  return { files, metafile };
}

/** The named exports of the built CommonJS file; loading it has no effect (only `register` has one). */
function esmWrapper(): string {
  const names = Object.keys(createRequire(import.meta.url)(join(DIST, "index.cjs"))).sort();
  return `export { ${names.join(", ")} } from "./index.cjs";\n`;
}

/**
 * `node --require /opt/otel-red/register` names a folder on disk, where no exports map is looked at:
 * there, a package.json with a `main` is how CommonJS finds the file.
 */
const REGISTER_BY_PATH = `${JSON.stringify({ private: true, main: "../dist/register.cjs", types: "../dist/register.d.cts" }, null, 2)}\n`;

/** Each file appears whole or not at all: tests and other builds may be reading the last one. */
function write(files: Files): void {
  for (const [path, content] of files) {
    const target = join(ROOT, path);
    mkdirSync(dirname(target), { recursive: true });
    const partial = `${target}.${process.pid}.partial`;
    writeFileSync(partial, content);
    renameSync(partial, target);
  }
}

function removeAllBut(files: Files): void {
  for (const entry of readdirSync(DIST, {
    recursive: true,
    withFileTypes: true,
  })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !files.has(relative(ROOT, path)) && !path.endsWith(".partial")) rmSync(path);
  }
}

const bundles = await Promise.all(BUNDLES.map(bundle));
const files: Files = new Map(bundles.flatMap(({ files }) => [...files]));
write(files);
files.set("dist/index.mjs", esmWrapper());
files.set("dist/index.d.cts", readFileSync(join(SRC, "index.d.cts")));
files.set("dist/index.d.mts", 'export * from "./index.cjs";\n');
files.set("dist/register.d.cts", "export {};\n");
files.set(
  "dist/THIRD-PARTY-LICENSES.txt",
  licences(
    ROOT,
    bundles.map(({ metafile }) => metafile),
  ),
);
files.set("register/package.json", REGISTER_BY_PATH);
write(files);
removeAllBut(files);
