/** A real Prometheus finds the trace of a slow request. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { REPOSITORY, startApp } from "../support/app.ts";
import { startPrometheus } from "../support/servers/prometheus.ts";
import { until } from "../support/until.ts";

const DEADLINE_MS = 20_000;

interface Found {
  readonly seriesLabels: Readonly<Record<string, string>>;
  readonly exemplars: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: string }[];
}

describe("exemplars in Prometheus", () => {
  it("lead from the histogram to the trace", async () => {
    const app = await startApp({ args: [join(REPOSITORY, "test/apps/exemplars/app.cjs")] });
    const prometheus = await startPrometheus([new URL(app.metricsUrl).host]);
    try {
      const traceId = await (await fetch(`${app.url}/traced`)).text();
      const series = await until("Prometheus has the exemplar", DEADLINE_MS, async () => {
        const parameters = new URLSearchParams({
          query: "http_request_duration_seconds_bucket",
          start: String(Date.now() / 1000 - 300),
          end: String(Date.now() / 1000 + 60),
        });
        const response = await fetch(`${prometheus.url}/api/v1/query_exemplars?${parameters}`);
        const { data } = (await response.json()) as { data: readonly Found[] };
        return data.length > 0 ? data : undefined;
      });
      assert.equal(series.length, 1);
      assert.equal(series[0]?.seriesLabels.path, "/traced");
      assert.equal(series[0]?.exemplars[0]?.labels.trace_id, traceId);
    } finally {
      await prometheus.stop();
      await app.stop();
    }
  });
});
