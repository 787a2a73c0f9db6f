/** Deno, whose `node:http` is counted, and Bun, whose is not: had from npm, 95 MB that CI does not download. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { REGISTER, REPOSITORY } from "../support/app.ts";
import { type Outcome, run } from "../support/run.ts";

const APP = join(REPOSITORY, "test/apps/loading/other-runtime.cjs");
const DENO = "2.9.6";
const BUN = "1.4.5";
/** In which npm downloads a runtime that is not there yet. */
const DOWNLOAD_SECONDS = 180;

/** Runs the application, which asks itself once and then prints what `/metrics` has counted. */
function runWith(runtime: string, flags: readonly string[], port: string): Promise<Outcome> {
  const args = ["-y", "-p", runtime, "--", runtime.replace(/@.*/, ""), ...flags, APP];
  const env = { OTEL_EXPORTER_PROMETHEUS_PORT: port, OTEL_SERVICE_NAME: "shop" };
  return run({ command: "npx", args, env, deadlineSeconds: DOWNLOAD_SECONDS });
}

describe("another runtime", function () {
  this.timeout(DOWNLOAD_SECONDS * 1000);

  it(`Deno ${DENO}: servers of node:http are counted`, async () => {
    const flags = ["run", "--allow-all", "--require", REGISTER];
    const { exit, stdout, stderr } = await runWith(`deno@${DENO}`, flags, "0");
    assert.equal(exit, 0, stderr);
    assert.match(stdout, /^answered$/m);
    assert.match(
      stdout,
      /^http_requests_total\{method="GET",status_code="200",path="\/users\/:id",service="shop"\} 1$/m,
    );
  });

  for (const flag of ["--preload", "--require"])
    it(`Bun ${BUN}, ${flag}: one line says that it is not supported, and the application runs`, async () => {
      const { exit, stdout, stderr } = await runWith(`bun@${BUN}`, [flag, REGISTER], "0");
      assert.equal(exit, 0, stderr);
      assert.equal(stdout, "answered\nno metrics\n");
      assert.match(stderr, /^otel-red: Bun is not supported: [^\n]*\n$/);
    });
});
