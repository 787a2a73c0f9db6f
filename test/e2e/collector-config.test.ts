/**
 * A service that pushes OTLP to a real collector with otel-config/collector/collector.yaml, and a real Prometheus behind it
 * with the repository's rules: scraping the collector, and written to by it. Only the ports are changed, and durations.
 */
import { deepEqual, equal, match } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Books } from "../apps/demo/books.ts";
import { type ShopProcess, startShop } from "../apps/demo/shop-process.ts";
import { runTraffic } from "../apps/demo/traffic.ts";
import { REGISTER } from "../support/app.ts";
import { sumByPath } from "../support/books/durations.ts";
import { freePort } from "../support/free-port.ts";
import { type Change, copyConfig, hastened, onPorts } from "../support/otel-config/copy.ts";
import { OTEL_CONFIG } from "../support/otel-config/files.ts";
import { collectorProgram } from "../support/servers/collector.ts";
import { type CollectorProcess, startCollectorProcess } from "../support/servers/collector-process.ts";
import { BUILD_MS } from "../support/servers/go-program.ts";
import { type PrometheusServer, startPrometheusWith } from "../support/servers/prometheus.ts";
import { until } from "../support/until.ts";

const DEADLINE_MS = 30_000;
const TIMES_FASTER = 60;
const VISITORS = { browser: 10, buyer: 10, scanner: 2 };

/** The collector's metrics about itself: on a port that another collector of this machine may have. */
const alone: Change = (text) => text.replace(/^service:$/m, "service:\n  telemetry: { metrics: { level: none } }");

/** What a user changes in collector.yaml for it. */
const WAYS: readonly { name: string; change: Change }[] = [
  { name: "is scraped", change: (text) => text },
  {
    name: "writes to Prometheus",
    change: (text) =>
      text
        .replace("exporters: [prometheus]", "exporters: [prometheusremotewrite]")
        .replace("http://prometheus:9090", "http://localhost:9090"),
  },
];

describe("otel-config/collector/collector.yaml", function () {
  this.timeout(120_000);

  before(function () {
    this.timeout(BUILD_MS);
    collectorProgram();
  });

  it("the collector takes it", () => {
    const said = execFileSync(collectorProgram(), [
      "validate",
      "--config",
      join(OTEL_CONFIG, "collector/collector.yaml"),
    ]);
    equal(String(said), "");
  });

  for (const { name, change } of WAYS) {
    describe(`a collector that ${name}`, () => {
      let folder: string;
      let collector: CollectorProcess;
      let prometheus: PrometheusServer;
      let shop: ShopProcess;
      let books: Books;
      let endpoint: string;

      before(async () => {
        folder = mkdtempSync(join(tmpdir(), "otel-red-collector-config-"));
        const [http, grpc, shown, web] = [await freePort(0), await freePort(0), await freePort(0), await freePort(0)];
        const moved = onPorts({ 4318: http, 4317: grpc, 8889: shown, 9464: shown, 9090: web });
        copyConfig("prometheus", folder, hastened(TIMES_FASTER), moved);
        copyConfig("collector", folder, change, alone, moved);
        endpoint = `http://127.0.0.1:${http}`;
        collector = await startCollectorProcess(collectorProgram(), join(folder, "collector.yaml"));
        prometheus = await startPrometheusWith(join(folder, "prometheus.yml"), `127.0.0.1:${web}`);
        shop = await startShop(["--require", REGISTER], {
          ...process.env,
          PORT: "0",
          OTEL_METRICS_EXPORTER: "otlp",
          OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
          OTEL_METRIC_EXPORT_INTERVAL: "250",
        });
        ({ books } = await runTraffic({ address: shop.address, visitors: VISITORS }));
      });

      after(async () => {
        await shop?.stop();
        await prometheus?.stop();
        await collector?.stop();
        rmSync(folder, { recursive: true, force: true });
      });

      it("shows the same names, labels and counts as a scrape of the service", async () => {
        const expected = [...sumByPath(books, ({ count }) => count)].sort();
        const found = await until("all requests", DEADLINE_MS, async () => {
          const answer = await prometheus.query('sum by (path) (http_requests_total{service="shop",job="shop"})');
          const counts = answer.map(({ metric, value }) => [metric.path, value] as const).sort();
          return JSON.stringify(counts) === JSON.stringify(expected) ? counts : undefined;
        });
        deepEqual(found, expected);
      });

      for (const [temporality, status, says] of [
        [1, 503, /Prometheus needs cumulative temporality: unset OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE/],
        [2, 200, /^\{"partialSuccess":\{\}\}$/],
      ] as const)
        it(`answers aggregation temporality ${temporality} with ${status}`, async () => {
          const point = { asInt: "1", timeUnixNano: `${Date.now()}000000` };
          const sum = { aggregationTemporality: temporality, isMonotonic: true, dataPoints: [point] };
          const body = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: "delta.or.not", sum }] }] }] };
          const headers = { "content-type": "application/json" };
          const response = await fetch(`${endpoint}/v1/metrics`, {
            method: "POST",
            headers,
            body: JSON.stringify(body),
          });
          equal(response.status, status);
          match(await response.text(), says);
        });

      it("has its rates recorded", async () => {
        // a rate is between two values: all of this traffic is recorded before there is more
        const recorded = 'instance:http_requests:sum{service="shop",job="shop"}';
        const requests = books.accounts().reduce((sum, { count }) => sum + count, 0);
        await until(recorded, DEADLINE_MS, async () => {
          const [sum] = await prometheus.query(recorded);
          return sum?.value === requests || undefined;
        });
        await runTraffic({ address: shop.address, visitors: VISITORS, seed: 2 });
        const rate = 'service:http_requests:rate1h{service="shop",job="shop"} > 0';
        await until(rate, DEADLINE_MS, async () => ((await prometheus.query(rate)).length === 1 ? true : undefined));
      });
    });
  }
});
