/** What one client can send at once takes work in proportion: counted in steps, not in time. */
import assert from "node:assert/strict";
import { INSTRUMENTATIONS, REGISTER } from "../support/app.ts";
import { run } from "../support/run.ts";

/** Twice the requests take twice the steps; work that grows with the requests in flight would take four times as many. */
const MOST = 2.5;

for (const instrumentation of INSTRUMENTATIONS) {
  describe(`requests pipelined on one connection, or streams of one session, ${instrumentation}`, () => {
    let steps: Readonly<Record<string, readonly [number, number]>>;

    before(async () => {
      const { exit, stdout, stderr } = await run({
        args: ["test/apps/endings/steps.mjs"],
        flags: ["--require", REGISTER],
        env: { RED_HTTP_INSTRUMENTATION: instrumentation, OTEL_EXPORTER_PROMETHEUS_PORT: "0" },
        deadlineSeconds: 60,
      });
      assert.equal(exit, 0, stderr);
      steps = JSON.parse(stdout);
    });

    for (const scenario of [
      "no answer",
      "answers when all are there",
      "no answer, Express",
      "no answer, Fastify",
      "an upgrade behind",
      "garbage behind",
      "streams, no answer",
      "streams, answers when all are there",
    ]) {
      it(`${scenario}: twice as many take twice the steps`, () => {
        const [once = 0, twice = 0] = steps[scenario] ?? [];
        assert.ok(once > 0, JSON.stringify(steps));
        assert.ok(twice / once < MOST, `${once} steps, then ${twice}`);
      });
    }
  });
}
