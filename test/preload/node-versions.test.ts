/** The versions of Node.js that are supported, and the oldest that works: the same series on each. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { join } from "node:path";
import { type App, REPOSITORY, startApp } from "../support/app.ts";
import { freePort } from "../support/free-port.ts";
import { assertMeasured } from "../support/loading.ts";
import { nodeBinary } from "../support/node-versions.ts";

const APPS = join(REPOSITORY, "test/apps/loading");

/** The oldest of 20 works, and is not supported. */
const VERSIONS = ["20.19.0", "22", "24", "26"];
const SCRIPTS = ["express.cjs", "express.mjs", "fastify.mjs", "http.mjs", "mixed.cjs", "mixed.mjs", "late.mjs"];

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

describe("Node.js", function () {
  // npm downloads what is not there yet
  this.timeout(200_000);

  let app: App | undefined;
  afterEach(async () => {
    await app?.stop();
    app = undefined;
  });
  before(() => Promise.all(VERSIONS.map(nodeBinary)));

  for (const version of VERSIONS) {
    describe(version, () => {
      for (const script of SCRIPTS) {
        it(`${script}`, async () => {
          const node = await nodeBinary(version);
          app = await startApp({ node, args: [join(APPS, script)] });
          await assertMeasured(app);
          assert.equal(await app.stop(), "SIGTERM");
        });
      }

      it("OTEL_SDK_DISABLED=true", async () => {
        const port = await freePort(0);
        const env = { OTEL_SDK_DISABLED: "true", OTEL_EXPORTER_PROMETHEUS_PORT: String(port) };
        const args = [join(APPS, "express.cjs")];
        app = await startApp({ node: await nodeBinary(version), args, env, expectsMetrics: false });
        assert.equal((await fetch(`${app.url}/users/1`)).status, 200);
        assert.equal(await isOpen(port), false);
        assert.equal(app.stderr(), "");
      });
    });
  }
});
