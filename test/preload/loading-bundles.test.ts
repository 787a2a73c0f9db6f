/** Applications as one file: bundler × framework × module system × instrumentation. Only the routers' own behaviour is left then. */
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type App, INSTRUMENTATIONS, REPOSITORY, startApp } from "../support/app.ts";
import { assertMeasured } from "../support/loading.ts";
import { succeed } from "../support/run.ts";
import { INSTALLED_WITHIN_MS, installTools, TOOLS } from "../support/tools.ts";

describe("an application bundled by", function bundles() {
  this.timeout(60_000);

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
