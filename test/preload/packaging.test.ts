/**
 * The package as users get it: packed by `npm pack`, installed into an empty folder, or unpacked anywhere.
 *
 * These tests build the package themselves (npm's `prepack` does), so what they see is what would be published.
 */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type App, REPOSITORY, startApp } from "../support/app.ts";
import { otelRed } from "../support/cli/otel-red.ts";
import { series, total } from "../support/exposition.ts";

const PACKED_FILES = [
  "LICENSE",
  "README.md",
  "dist/THIRD-PARTY-LICENSES.txt",
  "dist/check-pattern.cjs",
  "dist/cli.cjs",
  "dist/client.cjs",
  "dist/client.cjs.map",
  "dist/export-thread.cjs",
  "dist/export-thread.cjs.map",
  "dist/exporter.cjs",
  "dist/exporter.cjs.map",
  "dist/globs.cjs",
  "dist/globs.cjs.map",
  "dist/index.cjs",
  "dist/index.cjs.map",
  "dist/index.d.cts",
  "dist/index.d.mts",
  "dist/index.mjs",
  "dist/other-hosts.cjs",
  "dist/other-hosts.cjs.map",
  "dist/otlp.cjs",
  "dist/otlp.cjs.map",
  "dist/register.cjs",
  "dist/register.cjs.map",
  "dist/register.d.cts",
  "dist/runtime.cjs",
  "dist/runtime.cjs.map",
  "dist/stock.cjs",
  "dist/stock.cjs.map",
  "docs/architecture.md",
  "docs/benchmarks.md",
  "docs/configuration.md",
  "docs/exporters.md",
  "docs/frameworks.md",
  "docs/limits.md",
  "docs/metrics.md",
  "docs/migration.md",
  "docs/processes.md",
  "otel-config/grafana/pictures/overview.png",
  "otel-config/prometheus/runbook.md",
  "package.json",
  "register/package.json",
];

const SERVICE = `
const server = require("node:http").createServer((request, response) => response.end("ok"));
server.listen(0, "127.0.0.1", () => console.log("listening " + server.address().port));
`;

interface PackageJson {
  readonly name: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, "utf8")) as T;
}

describe("the package", function () {
  this.timeout(120_000);

  let folder: string;
  let tarball: string;
  /** An application that has the tarball in its node_modules. */
  let installed: string;
  /** The content of the tarball, with no node_modules in reach. */
  let unpacked: string;
  /** An application that has no dependency at all. */
  let bare: string;

  function run(command: string, args: readonly string[], cwd: string): string {
    return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  }

  function application(name: string): string {
    const path = join(folder, name);
    mkdirSync(path);
    writeFileSync(join(path, "package.json"), JSON.stringify({ name, version: "1.0.0", private: true }));
    writeFileSync(join(path, "app.js"), SERVICE);
    return path;
  }

  before(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "otel-red-packaging-")));
    run("npm", ["pack", "--silent", "--pack-destination", folder], REPOSITORY);
    tarball = join(folder, readdirSync(folder).find((file) => file.endsWith(".tgz")) ?? "no tarball");
    run("tar", ["-xzf", tarball, "-C", folder], folder);
    unpacked = join(folder, "package");
    bare = application("bare");
    installed = application("installed");
    run("npm", ["install", "--silent", "--prefer-offline", "--no-audit", "--no-fund", tarball], installed);
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  describe("holds", () => {
    it("what is needed and nothing else", () => {
      const packed = run("tar", ["-tzf", tarball], folder).trim().split("\n");
      assert.deepEqual(packed.map((path) => path.replace(/^package\//, "")).sort(), [...PACKED_FILES].sort());
    });

    it("source maps that name the sources without the folders of the machine that built it", () => {
      for (const name of ["register", "index"]) {
        const map = readJson<{ sources: string[]; sourcesContent?: string[] }>(join(unpacked, `dist/${name}.cjs.map`));
        assert.ok(map.sources.includes(`../src/${name}.ts`));
        assert.deepEqual(
          map.sources.filter((source) => !/^(?:\.\.\/(?:src|node_modules|scripts)\/|unseen-builtin:)/.test(source)),
          [],
        );
        assert.equal(map.sourcesContent, undefined);
      }
    });

    it("source maps that lead each line of a stack trace to the source that it was made from", () => {
      const program = `try { require(${JSON.stringify(join(unpacked, "dist/index.cjs"))}).startRed({ environment: { RED_MAX_LABEL_SETS: "x" } }) }
        catch (error) { console.log(error.stack) }`;
      const stack = run(process.execPath, ["--enable-source-maps", "--eval", program], bare);
      const ours = [...stack.matchAll(/^ {4}at (?:(\S+) \()?.*package\/(src\/[\w./-]+\.ts):(\d+):\d+/gm)];
      const lines = ours.map(([, name, file = "", line]) => {
        const text = readFileSync(join(REPOSITORY, file), "utf8").split("\n")[Number(line) - 1] ?? "";
        return `${name}: ${text.trim()}`;
      });
      const named = (caller: string, callee: RegExp) =>
        assert.ok(
          lines.some((line) => line.startsWith(`${caller}: `) && callee.test(line)),
          `${caller} is not at ${callee} in\n${stack}\n${lines.join("\n")}`,
        );
      assert.match(lines[0] ?? "", /throw new ConfigError\(/);
      named("readConfig", /orError\(/);
      named("start", /readConfig\(/);
    });

    it("a preload without what only the command needs", () => {
      for (const bundle of PACKED_FILES.filter((path) => path.endsWith(".cjs.map"))) {
        const { sources } = readJson<{ sources: string[] }>(join(unpacked, bundle));
        assert.deepEqual(
          sources.filter((source) => /node_modules\/(?:commander|yaml|@grafana)\/|src\/cli\//.test(source)),
          [],
          bundle,
        );
      }
    });

    it("a preload without the exporters, but for what watches the endpoint's port", () => {
      for (const name of ["register", "index"]) {
        const { sources } = readJson<{ sources: string[] }>(join(unpacked, `dist/${name}.cjs.map`));
        assert.deepEqual(
          sources.filter((source) => source.includes("/src/exporter/")),
          ["endpoint-url", "port-remedies", "endpoint-port"].map((name) => `../src/exporter/prometheus/${name}.ts`),
        );
      }
    });

    it("the licence of every package in the bundles, in the version of package.json and the lock file", () => {
      const { devDependencies, dependencies } = readJson<PackageJson>(join(REPOSITORY, "package.json"));
      const lock = readJson<{ packages: Record<string, { version: string }> }>(join(REPOSITORY, "package-lock.json"));
      const text = readFileSync(join(unpacked, "dist/THIRD-PARTY-LICENSES.txt"), "utf8");
      const bundled = [...text.matchAll(/^((?:@[\w.-]+\/)?[\w.-]+)@v?(\d[^,\s]*), /gm)];
      const names = bundled.map(([, name]) => name);
      for (const name of ["@opentelemetry/sdk-metrics", "commander", "yaml", "@grafana/grafana-foundation-sdk"])
        assert.ok(names.includes(name), `${name} is not among ${names.join(" ")}`);
      for (const [, name = "", version] of bundled) {
        assert.equal(lock.packages[`node_modules/${name}`]?.version, version, `${name} in package-lock.json`);
        const pinned = devDependencies[name] ?? dependencies[name];
        if (pinned !== undefined) assert.equal(pinned, version, `${name} in package.json`);
      }
    });

    it("no require of a package that its dependencies do not name", () => {
      const { dependencies } = readJson<PackageJson>(join(unpacked, "package.json"));
      for (const bundle of ["dist/register.cjs", "dist/index.cjs"]) {
        const text = readFileSync(join(unpacked, bundle), "utf8");
        const required = [...text.matchAll(/\brequire\d*\("([^".][^"]*)"\)/g)].map(([, name = ""]) => name);
        assert.ok(required.length > 0);
        const unknown = required.filter(
          (name) => !name.startsWith("node:") && !builtinModules.includes(name) && !(name in dependencies),
        );
        assert.deepEqual(unknown, [], bundle);
      }
    });
  });

  describe("measures a service that knows nothing of it, by", () => {
    let app: App | undefined;
    afterEach(async () => {
      await app?.stop();
      app = undefined;
    });

    for (const { name, where, flags, environment = {} } of [
      { name: "--require", where: () => installed, flags: () => ["--require", "otel-red/register"] },
      { name: "--import", where: () => installed, flags: () => ["--import", "otel-red/register"] },
      {
        name: "--require, with the stock instrumentation",
        where: () => installed,
        flags: () => ["--require", "otel-red/register"],
        environment: { RED_HTTP_INSTRUMENTATION: "stock" },
      },
      {
        name: "--require and the path of an unpacked folder",
        where: () => bare,
        flags: () => ["--require", join(unpacked, "register")],
      },
      {
        name: "--require and the path of the file",
        where: () => bare,
        flags: () => ["--require", join(unpacked, "dist/register.cjs")],
      },
      {
        name: "--import and the path of the file",
        where: () => bare,
        flags: () => ["--import", join(unpacked, "dist/register.cjs")],
      },
    ]) {
      it(name, async () => {
        const cwd = where();
        app = await startApp({ flags: flags(), args: ["app.js"], cwd, env: environment });
        const response = await fetch(`${app.url}/users/17`);
        assert.equal(await response.text(), "ok");
        const { samples } = await app.scrapeUntil(
          "the request is counted",
          (exposition) => total(exposition.samples, "http_requests_total") > 0,
        );
        assert.deepEqual(
          series(samples, "http_requests_total").map(({ labels, value }) => ({ ...labels, value })),
          [
            {
              method: "GET",
              status_code: "200",
              path: "/users/:id",
              service: readJson<PackageJson>(join(cwd, "package.json")).name,
              value: 1,
            },
          ],
        );
      });
    }
  });

  describe("generates, as otel-red generate does here,", () => {
    for (const name of ["rules", "alerts", "dashboard", "servicemonitor", "scrape-config", "buckets"])
      it(name, () => {
        const inEmptyFolder = join(folder, `empty-${name}`);
        mkdirSync(inEmptyFolder);
        // npx finds the command of the packed file; nothing of this repository is in reach
        const args = ["--yes", "--prefer-offline", `--package=${tarball}`, "otel-red", "generate", name];
        assert.equal(run("npx", args, inEmptyFolder), otelRed("generate", name).stdout);
        assert.deepEqual(readdirSync(inEmptyFolder), []);
      });

    it("nothing from bad options: one line, and 2", () => {
      const cli = join(unpacked, "dist/cli.cjs");
      const { status, stdout, stderr } = spawnSync(process.execPath, [cli, "generate", "rules", "--latency", "0.3"], {
        encoding: "utf8",
      });
      assert.equal(status, 2);
      assert.equal(stdout, "");
      assert.match(stderr, /^otel-red: --latency=0\.3 [^\n]+\n$/);
    });

    it("into a pipe that nobody reads to its end, without a word", () => {
      const cli = `"${process.execPath}" "${join(unpacked, "dist/cli.cjs")}" generate dashboard`;
      const { stdout, stderr } = spawnSync("sh", ["-c", `(${cli}; echo "exit $?" >&2) | head -n 1`], {
        encoding: "utf8",
      });
      assert.equal(stdout, "{\n");
      assert.equal(stderr, "exit 0\n");
    });
  });

  describe("gives the public API to", () => {
    for (const { name, args } of [
      { name: "require()", args: ["--print", "typeof require('otel-red').startRed"] },
      {
        name: "import",
        args: ["--input-type=module", "--eval", "import { startRed } from 'otel-red'; console.log(typeof startRed)"],
      },
    ]) {
      it(name, () => assert.equal(run(process.execPath, args, installed), "function\n"));
    }

    it("both as one instance", () => {
      const program =
        "import * as esm from 'otel-red'; import { createRequire } from 'node:module'; const cjs = createRequire(import.meta.url)('otel-red'); console.log(Object.keys(esm).sort().join() === Object.keys(cjs).sort().join(), esm.startRed === cjs.startRed)";
      assert.equal(run(process.execPath, ["--input-type=module", "--eval", program], installed), "true true\n");
    });

    it("TypeScript, in both module systems, with nothing but the package installed", () => {
      const program =
        'import { startRed } from "otel-red";\nimport "otel-red/register";\nexport const red = startRed();\n';
      for (const file of ["use.cts", "use.mts"]) writeFileSync(join(installed, file), program);
      const tsc = join(REPOSITORY, "node_modules/.bin/tsc");
      const flags = "--ignoreConfig --noEmit --strict --module nodenext --skipLibCheck false --types".split(" ");
      run(tsc, [...flags, "", "use.cts", "use.mts"], installed);
    });
  });
});
