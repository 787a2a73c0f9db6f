/** A real Prometheus finds the trace of a slow request. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { renderDashboard } from "../../src/cli/generate/dashboard/index.ts";
import { DEFAULT_OPTIONS } from "../../src/cli/generate/options.ts";
import { REPOSITORY, startApp } from "../support/app.ts";
import { type Dashboard, dataPanels } from "../support/grafana/dashboard.ts";
import { choose } from "../support/grafana/data-source.ts";
import { interpolate } from "../support/grafana/interpolation.ts";
import { startPrometheus } from "../support/servers/prometheus.ts";
import { until } from "../support/until.ts";

const DEADLINE_MS = 20_000;

interface Found {
  readonly seriesLabels: Readonly<Record<string, string>>;
  readonly exemplars: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: string }[];
}

/** As Grafana sends them, with all variables at All. */
async function dashboardQueries(prometheusUrl: string): Promise<string[]> {
  const dashboard = JSON.parse(renderDashboard(DEFAULT_OPTIONS)) as Dashboard;
  const targets = dataPanels(dashboard).flatMap((panel) => panel.targets ?? []);
  const toSeconds = Date.now() / 1000;
  const time = { fromSeconds: toSeconds - 300, toSeconds, stepSeconds: 15, scrapeIntervalSeconds: 1 };
  const view = await choose(prometheusUrl, dashboard, time);
  return targets.filter(({ exemplar }) => exemplar === true).map(({ expr }) => interpolate(expr, view));
}

describe("exemplars in Prometheus", function () {
  this.timeout(60_000);

  it("lead from the histogram to the trace", async () => {
    const app = await startApp({ args: [join(REPOSITORY, "test/apps/exemplars/app.cjs")] });
    const prometheus = await startPrometheus([new URL(app.metricsUrl).host]);
    try {
      const traceId = await (await fetch(`${app.url}/traced`)).text();
      const found = (query: string) =>
        until(`Prometheus has the exemplar of ${query}`, DEADLINE_MS, async () => {
          const time = { start: String(Date.now() / 1000 - 300), end: String(Date.now() / 1000 + 60) };
          const response = await fetch(`${prometheus.url}/api/v1/query_exemplars`, {
            method: "POST",
            body: new URLSearchParams({ query, ...time }),
          });
          const { data } = (await response.json()) as { data: readonly Found[] };
          return data.length > 0 ? data : undefined;
        });
      const ofTheHistogram = await found("http_request_duration_seconds_bucket");
      const ofTheDashboard = await Promise.all((await dashboardQueries(prometheus.url)).map(found));
      assert.equal(ofTheDashboard.length, 2);
      for (const series of [ofTheHistogram, ...ofTheDashboard]) {
        assert.equal(series.length, 1);
        assert.equal(series[0]?.seriesLabels.path, "/traced");
        assert.equal(series[0]?.exemplars[0]?.labels.trace_id, traceId);
      }
    } finally {
      await prometheus.stop();
      await app.stop();
    }
  });
});
