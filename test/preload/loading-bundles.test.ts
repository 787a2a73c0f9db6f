/**
 * Applications as one file: bundler × framework × module system × instrumentation. Only the routers' own behaviour is left
 * then; where that does not do, a line says so.
 */
import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type App, INSTRUMENTATIONS, REPOSITORY, startApp } from "../support/app.ts";
import { total } from "../support/exposition.ts";
import { assertMeasured } from "../support/loading.ts";
import { countedSince } from "../support/route-table.ts";
import { succeed } from "../support/run.ts";
import { INSTALLED_WITHIN_MS, installTools, TOOLS } from "../support/tools.ts";
import { until } from "../support/until.ts";

/** Those whose classes are out of reach in a bundle: the application in test/apps/routes-frameworks, the package. */
const UNSEEN = [
  ["koa.mjs", "koa"],
  ["hono.mjs", "hono"],
  ["hapi.mjs", "@hapi/hapi"],
  ["polka.mjs", "polka"],
  ["h3.mjs", "h3"],
  ["h3-1.mjs", "h3"],
] as const;

describe("an application bundled by", function bundles() {
  this.timeout(180_000);

  let folder: string;
  let app: App | undefined;

  before(function install() {
    this.timeout(INSTALLED_WITHIN_MS);
    folder = realpathSync(mkdtempSync(join(tmpdir(), "otel-red-bundles-")));
    return installTools();
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(async () => {
    await app?.stop();
    app = undefined;
  });

  for (const bundler of ["esbuild", "rollup", "webpack"]) {
    const format = bundler === "webpack" ? "cjs" : "mjs";
    // the others take these two bundlers ten seconds each, to the same end
    for (const [entry, name] of bundler === "esbuild" ? UNSEEN : UNSEEN.slice(0, 2)) {
      it(`${bundler}: ${entry}: the path is normalised, and one line says why and what to do`, async () => {
        const outfile = join(folder, `${bundler}-${entry}.${format}`);
        const source = join(REPOSITORY, "test/apps/routes-frameworks", entry);
        await succeed(TOOLS, process.execPath, ["bundle.mjs", bundler, source, outfile]);
        app = await startApp({ args: [outfile], cwd: folder });
        const before = await app.scrape();
        for (const id of ["1", "2"]) await (await fetch(`${app.url}/users/${id}`)).text();
        const after = await app.scrapeUntil(
          "both are counted",
          ({ samples }) => total(samples, "http_requests_total") === 2,
        );
        assert.deepEqual(countedSince(before, after), { "GET 200 /users/:id": 2 });
        assert.equal(total(after.samples, "otel_red_path_source_total", { source: "normalized" }), 2);
        const said = await until("it is said", 15_000, async () => linesBut(app?.stderr(), "metrics are served on"));
        assert.equal(said.length, 1, app.stderr());
        const [line = ""] = said;
        assert.ok(line.startsWith(`otel-red: ${name} is bundled into ${outfile}: `), line);
        assert.match(line, /Leave it out of the bundle \(esbuild: --packages=external, .*\) .* RED_PATH_PATTERNS$/);
      });
    }

    for (const entry of ["express.cjs", "express.mjs", "fastify.cjs", "fastify.mjs", "http.cjs", "http.mjs"]) {
      it(`${bundler}: ${entry}`, async () => {
        const outfile = join(folder, `${bundler}-${entry}`);
        const source = join(REPOSITORY, "test/apps/loading", entry);
        await succeed(TOOLS, process.execPath, ["bundle.mjs", bundler, source, outfile]);
        for (const instrumentation of INSTRUMENTATIONS) {
          const env = { OTEL_SERVICE_NAME: "loading", RED_HTTP_INSTRUMENTATION: instrumentation };
          app = await startApp({ args: [outfile], cwd: folder, env });
          await assertMeasured(app);
          await app.stop();
        }
      });
    }
  }
});

/** Undefined where there are none. */
function linesBut(text = "", announcement: string): string[] | undefined {
  const lines = text.split("\n").filter((line) => line.startsWith("otel-red: ") && !line.includes(announcement));
  return lines.length > 0 ? lines : undefined;
}
