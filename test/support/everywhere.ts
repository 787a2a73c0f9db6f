/** One suite under both instrumentations, and on every other Node.js that is supported. */
import assert from "node:assert/strict";
import { type App, type AppOptions, INSTRUMENTATIONS, startApp } from "./app.ts";
import { nodeBinary } from "./node-versions.ts";
import { sharedApp } from "./shared-app.ts";

/** The oldest that works, and those that are supported beside the one that runs the tests. */
const OTHER_VERSIONS = ["20.19.0", "22", "26"];
/** In which npm downloads a version that is not there yet. */
const DOWNLOAD_MS = 200_000;

/** Starts an application under the suite's instrumentation, or on its Node.js. */
export type Start = (options: AppOptions) => Promise<App>;

/** Declares the suite once for each; its tests start their own applications. */
export function forEachRuntime(what: string, suite: (start: Start) => void): void {
  for (const instrumentation of INSTRUMENTATIONS) {
    describe(`${what}, ${instrumentation}`, () => {
      suite((options) => startApp({ ...options, env: { ...options.env, RED_HTTP_INSTRUMENTATION: instrumentation } }));
    });
  }
  for (const version of OTHER_VERSIONS) {
    describe(`${what}, Node.js ${version}`, function () {
      this.timeout(DOWNLOAD_MS);
      suite(async (options) => startApp({ ...options, node: await nodeBinary(version) }));
    });
  }
}

/**
 * @param script the application, one for all tests of a suite
 * @param suite declares the tests; the application is there once they run
 */
export function everywhere(what: string, script: string, suite: (app: () => App) => void): void {
  forEachRuntime(what, (start) => {
    const app = sharedApp({ start: () => start({ args: [script] }) });

    suite(app);

    it("says nothing about itself", () => {
      const { stderr, metricsUrl } = app();
      const lines = stderr().split("\n");
      assert.deepEqual(
        lines.filter((line) => line.includes("otel-red")),
        [`otel-red: metrics are served on ${metricsUrl}`],
      );
    });
  });
}
