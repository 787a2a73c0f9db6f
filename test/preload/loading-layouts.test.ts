/** Applications in the layouts of package managers, with the package as it is published: installed from `npm pack`. */
import assert from "node:assert/strict";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type App, type InstrumentationName, REPOSITORY, startApp } from "../support/app.ts";
import { total } from "../support/exposition.ts";
import { assertMeasured } from "../support/loading.ts";
import { nodeBinary } from "../support/node-versions.ts";
import { succeed } from "../support/run.ts";
import { INSTALLED_WITHIN_MS, installTools, TOOLS } from "../support/tools.ts";
import { until } from "../support/until.ts";

const APPS = join(REPOSITORY, "test/apps/loading");
const PACKAGES = join(TOOLS, "node_modules");
const VERSIONS = createRequire(join(REPOSITORY, "package.json"))("./package.json").devDependencies;

const PNPM = [join(PACKAGES, "pnpm/bin/pnpm.cjs"), "install", "--ignore-scripts", "--prefer-offline"];
const YARN = [join(PACKAGES, "@yarnpkg/cli-dist/bin/yarn.js"), "install", "--mode=skip-build"];

interface Row {
  readonly flags: readonly string[];
  readonly main: string;
  readonly mounts?: readonly string[];
  readonly instrumentation?: InstrumentationName;
}

const PNPM_ROWS: readonly Row[] = [
  { flags: ["--require", "otel-red/register"], main: "express.cjs" },
  { flags: ["--import", "otel-red/register"], main: "express.mjs" },
  { flags: ["--import", "otel-red/register"], main: "fastify.mjs" },
  { flags: ["--import", "otel-red/register"], main: "hono.mjs" },
  { flags: ["--require", "otel-red/register"], main: "express.cjs", instrumentation: "stock" },
];

/** https://yarnpkg.com/features/pnp#initializing-pnp */
const PNP = ["--require", "./.pnp.cjs"];
const PNP_ESM = [
  "--disable-warning=ExperimentalWarning",
  "--disable-warning=DEP0205",
  "--experimental-loader",
  "./.pnp.loader.mjs",
];

const PNP_ROWS: readonly Row[] = [
  { flags: [...PNP, "--require", "otel-red/register"], main: "express.cjs" },
  { flags: [...PNP, "--require", "otel-red/register"], main: "fastify.cjs" },
  { flags: [...PNP, ...PNP_ESM, "--import", "otel-red/register"], main: "express.mjs" },
  { flags: [...PNP, ...PNP_ESM, "--import", "otel-red/register"], main: "hono.mjs" },
  { flags: [...PNP, "--require", "otel-red/register"], main: "express.cjs", instrumentation: "stock" },
];

const MONOREPO_ROWS: readonly Row[] = [
  { flags: ["--require", "otel-red/register"], main: "main.cjs", mounts: ["/new", "/old"] },
  { flags: ["--require", "otel-red/register"], main: "main.cjs", mounts: ["/new", "/old"], instrumentation: "stock" },
];

describe("installed by", function layouts() {
  this.timeout(60_000);

  let folder: string;
  let tarball: string;
  let app: App | undefined;

  before(async function install() {
    this.timeout(INSTALLED_WITHIN_MS);
    folder = realpathSync(mkdtempSync(join(tmpdir(), "otel-red-layouts-")));
    await installTools();
    await succeed(REPOSITORY, "npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder]);
    tarball = join(folder, readdirSync(folder).find((file) => file.endsWith(".tgz")) ?? "no tarball");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(async () => {
    await app?.stop();
    app = undefined;
  });

  /** An application of its own, whose dependencies are written down but not installed. */
  function application(name: string): string {
    const path = join(folder, name);
    mkdirSync(path);
    for (const file of ["express.cjs", "express.mjs", "fastify.cjs", "fastify.mjs", "hono.mjs"])
      copyFileSync(join(APPS, file), join(path, file));
    const { express, fastify, hono, "@hono/node-server": nodeServer } = VERSIONS;
    const frameworks = { express, fastify, hono, "@hono/node-server": nodeServer };
    const dependencies = { ...frameworks, "otel-red": `file:${tarball}` };
    writeFileSync(
      join(path, "package.json"),
      JSON.stringify({ name: "loading", version: "1.0.0", private: true, dependencies }),
    );
    return path;
  }

  function testRows(rows: readonly Row[], path: () => string): void {
    for (const { flags, main, mounts, instrumentation = "light" } of rows) {
      it(`node ${[...flags, main].join(" ")}, ${instrumentation}`, async () => {
        app = await startApp({ flags, args: [main], cwd: path(), env: { RED_HTTP_INSTRUMENTATION: instrumentation } });
        await assertMeasured(app, mounts);
      });
    }
  }

  describe("pnpm: node_modules of symbolic links", () => {
    before(async function install() {
      this.timeout(INSTALLED_WITHIN_MS);
      await succeed(application("pnpm"), process.execPath, PNPM);
    });
    testRows(PNPM_ROWS, () => join(folder, "pnpm"));
  });

  describe("Yarn: Plug'n'Play, without node_modules", () => {
    before(async function install() {
      this.timeout(INSTALLED_WITHIN_MS);
      const path = application("yarn");
      writeFileSync(join(path, "yarn.lock"), ""); // else Yarn looks for the project further up
      await succeed(path, process.execPath, YARN, { YARN_ENABLE_TELEMETRY: "0", YARN_ENABLE_IMMUTABLE_INSTALLS: "0" });
      assert.ok(!existsSync(join(path, "node_modules")));
    });
    testRows(PNP_ROWS, () => join(folder, "yarn"));

    it("Hono as an ES module on Node.js 20: the path is normalised, and one line says why and what to do", async function () {
      this.timeout(INSTALLED_WITHIN_MS);
      const flags = [...PNP, ...PNP_ESM, "--require", "otel-red/register"];
      app = await startApp({ node: await nodeBinary("20"), flags, args: ["hono.mjs"], cwd: join(folder, "yarn") });
      await (await fetch(`${app.url}/users/1`)).text();
      const { samples } = await app.scrapeUntil(
        "it is counted",
        ({ samples }) => total(samples, "http_requests_total") === 1,
      );
      assert.equal(total(samples, "otel_red_path_source_total", { source: "normalized" }), 1);
      const line = /^otel-red: Yarn's .* \(hono\): .* paths are normalised\. Take Node\.js 22\.15 or later, .*$/m;
      await until("it is said", 15_000, async () => (line.test(app?.stderr() ?? "") ? true : undefined));
    });
  });

  describe("npm: a monorepo with two versions of Express in one process", () => {
    before(async function install() {
      this.timeout(INSTALLED_WITHIN_MS);
      const path = join(folder, "monorepo");
      cpSync(join(APPS, "monorepo"), path, { recursive: true });
      await succeed(path, "npm", [
        "install",
        "--prefer-offline",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
        tarball,
      ]);
    });
    testRows(MONOREPO_ROWS, () => join(folder, "monorepo"));
  });
});
