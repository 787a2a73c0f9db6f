/**
 * Frameworks whose routes are seen at a class of their own, loaded in other ways than the tables of routes load them.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { type App, REGISTER, REPOSITORY, startApp } from "../support/app.ts";
import { total } from "../support/exposition.ts";
import { countedSince } from "../support/route-table.ts";

const APPS = join(REPOSITORY, "test/apps/routes-frameworks");

/** What is counted of one request, by method, status and path. */
async function countedOf(app: App, path: string): Promise<Record<string, number>> {
  const before = await app.scrape();
  const response = await fetch(app.url + path);
  assert.equal(await response.text(), "answered");
  const after = await app.scrapeUntil("it is counted", ({ samples }) => total(samples, "http_requests_total") > 0);
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

  for (const [script, format] of [
    ["koa.mjs", "esm"],
    ["hono.mjs", "esm"],
    ["h3.mjs", "esm"],
  ] as const)
    it(`in a bundle of esbuild, ${script}: cannot be known, and the path is normalised`, async () => {
      const outfile = join(folder, `${script}.bundle.mjs`);
      const banner = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
      await build({
        entryPoints: [join(APPS, script)],
        outfile,
        bundle: true,
        platform: "node",
        format,
        banner: { js: banner },
        logLevel: "error",
      });
      app = await startApp({ args: [outfile], cwd: folder });
      assert.deepEqual(await countedOf(app, "/users/42"), { "GET 200 /users/:id": 1 });
      const { samples } = await app.scrape();
      assert.equal(total(samples, "otel_red_path_source_total", { source: "normalized" }), 1);
    });
});
