/** One suite under both instrumentations, and on every other Node.js that is supported. */
import assert from "node:assert/strict";
import { type App, type AppOptions, INSTRUMENTATIONS, startApp } from "./app.ts";
import { nodeBinary } from "./node-versions.ts";

/** The oldest that works, and those that are supported beside the one that runs the tests. */
const OTHER_VERSIONS = ["20.19.0", "22", "26"];

/**
 * @param script the application, started once for each run of the suite
 * @param suite declares the tests; the application is there once they run
 */
export function everywhere(what: string, script: string, suite: (app: () => App) => void): void {
  for (const instrumentation of INSTRUMENTATIONS) {
    const env = { RED_HTTP_INSTRUMENTATION: instrumentation };
    describe(`${what}, ${instrumentation}`, () => run(script, suite, async () => ({ env })));
  }
  for (const version of OTHER_VERSIONS) {
    describe(`${what}, Node.js ${version}`, function () {
      // npm downloads what is not there yet
      this.timeout(200_000);
      run(script, suite, async () => ({ node: await nodeBinary(version) }));
    });
  }
}

function run(
  script: string,
  suite: (app: () => App) => void,
  options: () => Promise<Pick<AppOptions, "env" | "node">>,
): void {
  let app: App;
  before(async () => {
    app = await startApp({ args: [script], ...(await options()) });
  });
  after(() => app?.stop());

  suite(() => app);

  it("says nothing about itself", () => {
    const lines = app.stderr().split("\n");
    assert.deepEqual(
      lines.filter((line) => line.includes("otel-red")),
      [`otel-red: metrics are served on ${app.metricsUrl}`],
    );
  });
}
