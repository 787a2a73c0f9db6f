/**
 * Frameworks whose routes are seen at a class of their own, loaded in other ways than the tables of routes load them.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { type App, REGISTER, REPOSITORY, startApp } from "../support/app.ts";
import { total } from "../support/exposition.ts";
import { nodeBinary } from "../support/node-versions.ts";
import { countedSince } from "../support/route-table.ts";
import { until } from "../support/until.ts";

const APPS = join(REPOSITORY, "test/apps/routes-frameworks");

/** Hooks of modules in a thread of their own, as tracing and transpilers have them. */
const HOOKS = `data:text/javascript,import { register } from "node:module"; register(${JSON.stringify(
  "data:text/javascript,export const resolve = (specifier, context, next) => next(specifier, context);",
)});`;

const BUNDLE = {
  bundle: true,
  platform: "node",
  format: "esm",
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  logLevel: "error",
} as const;

/** What is counted of one request, by method, status and path. */
async function countedOf(app: App, path: string): Promise<Record<string, number>> {
  const before = await app.scrape();
  const known = total(before.samples, "http_requests_total");
  const response = await fetch(app.url + path);
  assert.equal(await response.text(), "answered");
  const after = await app.scrapeUntil("it is counted", ({ samples }) => total(samples, "http_requests_total") > known);
  return countedSince(before, after);
}

describe("a framework that is loaded", () => {
  let folder: string;
  let app: App | undefined;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "otel-red-frameworks-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(async () => {
    await app?.stop();
    app = undefined;
  });

  for (const [flag, script, ...args] of [
    ["--import", "koa.mjs"],
    ["--import", "hono.mjs"],
    ["--import", "h3.mjs"],
    ["--import", "koa.cjs", "koa", "@koa/router"],
    ["--import", "hono.cjs", "hono", "@hono/node-server"],
    ["--require", "hono-imported.cjs"],
    ["--require", "h3-required.cjs"],
    ["--require", "started-late.mjs"],
  ] as const)
    it(`${flag}, ${[script, ...args].join(" ")}: its routes are known`, async () => {
      app = await startApp({ flags: [flag, REGISTER], args: [join(APPS, script), ...args] });
      assert.deepEqual(await countedOf(app, "/users/ada"), { "GET 200 /users/:id": 1 });
    });

  it("under another name only, as an ES module: its routes are known", async () => {
    for (const [name, installed] of [
      ["hono-of-ours", "hono"],
      ["@hono/node-server", "@hono/node-server"],
    ] as const) {
      const link = join(folder, "node_modules", name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(REPOSITORY, "node_modules", installed), link);
    }
    const script = join(folder, "aliased.mjs");
    writeFileSync(
      script,
      `import { serve } from "@hono/node-server";
      import { Hono } from "hono-of-ours";
      const app = new Hono().get("/users/:id", (c) => c.text("answered"));
      serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => console.log("listening " + port));`,
    );
    app = await startApp({ args: [script] });
    assert.deepEqual(await countedOf(app, "/users/ada"), { "GET 200 /users/:id": 1 });
  });

  // what it loads there is told by no channel
  it("CommonJS, on Node.js 20 when a server listens already: its routes are known", async function () {
    this.timeout(200_000);
    app = await startApp({ node: await nodeBinary("20"), args: [join(APPS, "started-late.mjs")] });
    assert.deepEqual(await countedOf(app, "/users/ada"), { "GET 200 /users/:id": 1 });
  });

  it("CommonJS, on Node.js 20 by a request: its routes are known from the next one on", async function () {
    this.timeout(200_000);
    app = await startApp({ node: await nodeBinary("20"), args: [join(APPS, "loaded-by-a-request.mjs")] });
    assert.deepEqual(await countedOf(app, "/load"), { "GET 200 /load": 1 });
    assert.deepEqual(await countedOf(app, "/users/ada"), { "GET 200 /users/:id": 1 });
  });

  // before Node 24.11 a hook like ours, in the thread of theirs, ends the process
  for (const nodeVersion of ["20", "22", "24.0.0", "26"])
    for (const flags of [
      ["--require", REGISTER, "--import", HOOKS],
      ["--import", HOOKS, "--require", REGISTER],
      ["--import", REGISTER, "--import", HOOKS],
    ])
      it(`beside module.register(), Node.js ${nodeVersion}, ${flags.map(named).join(" ")}: its routes are known`, async function () {
        this.timeout(200_000); // npm downloads what is not there yet
        const node = await nodeBinary(nodeVersion);
        app = await startApp({ node, flags, args: [join(APPS, "hono.mjs")] });
        assert.deepEqual(await countedOf(app, "/users/ada"), { "GET 200 /users/:id": 1 });
      });

  it("in one of the files of a bundle: a line names it", async () => {
    const entryPoints = [join(APPS, "koa.mjs"), join(APPS, "h3.mjs")];
    await build({ entryPoints, ...BUNDLE, outdir: folder, splitting: true, outExtension: { ".js": ".mjs" } });
    app = await startApp({ args: [join(folder, "koa.mjs")], cwd: folder });
    assert.deepEqual(await countedOf(app, "/users/42"), { "GET 200 /users/:id": 1 });
    await said(app, /^otel-red: koa is bundled into \S+\.mjs: /m);
  });

  for (const [name, file, text] of [
    ["koa", "lib/koa.cjs", "exports.answer = (_req, res) => res.end('answered');"],
    ["hono", "dist/node.mjs", "export const answer = (_req, res) => res.end('answered');"],
  ] as const)
    it(`in a version whose files are not known, ${name}: a line names it`, async () => {
      install(join(folder, "unknown"), name, file, text);
      const main = join(folder, "unknown/main.mjs");
      writeFileSync(main, plainServer(`import { answer } from ${JSON.stringify(name)};`));
      app = await startApp({ args: [main], cwd: folder });
      assert.deepEqual(await countedOf(app, "/users/42"), { "GET 200 /users/:id": 1 });
      await said(
        app,
        new RegExp(`^otel-red: .*/node_modules/${name} is of a version that is not known \\(99\\.0\\.0\\): `, "m"),
      );
    });

  it("that is always part of what it builds: a line says that, and what to do", async () => {
    const main = join(folder, "astro.mjs");
    writeFileSync(main, plainServer('const answer = (_req, res) => res.end("answered"); // "X-Astro-Error"'));
    app = await startApp({ args: [main], cwd: folder });
    assert.deepEqual(await countedOf(app, "/users/42"), { "GET 200 /users/:id": 1 });
    await said(app, /^otel-red: astro is bundled into \S+astro\.mjs: .* To have templates, give the patterns /m);
  });

  it("and does not answer: a plain server gets to hear nothing", async () => {
    const main = join(folder, "plain.mjs");
    const { resolve } = createRequire(import.meta.url);
    const parts = ["hono/jwt", "koa", "hono"].map((name) => `import ${JSON.stringify(resolve(name))};`);
    const answer = 'const answer = (_req, res) => res.end("answered"); // koa:application';
    writeFileSync(main, plainServer(`${parts.join("\n")}\n${answer}`));
    writeFileSync(join(folder, "package.json"), '{"dependencies":{"koa":"*","hono":"*","h3":"*"}}');
    app = await startApp({ args: [main], cwd: folder });
    assert.deepEqual(await countedOf(app, "/users/42"), { "GET 200 /users/:id": 1 });
    const code = await app.stop();
    assert.match(app.stderr(), /^otel-red: metrics are served on \S+\n$/, String(code));
  });
});

/** Resolves once stderr has the line. */
function said(app: App, line: RegExp): Promise<true> {
  return until(String(line), 30_000, async () => (line.test(app.stderr()) ? true : undefined));
}

/** Writes a package of version 99 with one file. */
function install(at: string, name: string, file: string, text: string): void {
  const root = join(at, "node_modules", name);
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, "package.json"), JSON.stringify({ name, version: "99.0.0", exports: `./${file}` }));
  writeFileSync(join(root, file), text);
}

/** @param head where `answer` comes from */
function plainServer(head: string): string {
  return `${head}
    import { createServer } from "node:http";
    const server = createServer(answer);
    server.listen(0, "127.0.0.1", () => console.log(\`listening \${server.address().port}\`));`;
}

function named(flag: string): string {
  return flag === HOOKS ? "hooks" : flag === REGISTER ? "otel-red" : flag;
}
