/**
 * The application's histograms as exponential ones, where OTLP is asked for them: Prometheus's formats have none, so on
 * /metrics they keep their buckets; and RED, whose buckets dashboards know, keeps them on both.
 */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_DURATION_BUCKETS, FAMILIES } from "../../src/view/red.ts";
import { type App, REPOSITORY, startApp } from "../support/app.ts";
import { series, total } from "../support/exposition.ts";
import { folderWithApi } from "../support/folder-with-api.ts";
import { parseExports } from "../support/otlp-json.ts";
import { type OtlpReceiver, startOtlpReceiver } from "../support/servers/otlp-receiver.ts";
import { until } from "../support/until.ts";

const DEADLINE_MS = 30_000;

describe("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION=base2_exponential_bucket_histogram", () => {
  let folder: string;
  let receiver: OtlpReceiver;
  let app: App;

  before(async () => {
    folder = folderWithApi(join(REPOSITORY, "test/apps/meters"), "1.10.0");
    receiver = await startOtlpReceiver();
    app = await startApp({
      args: [join(folder, "required.cjs")],
      env: {
        OTEL_METRICS_EXPORTER: "prometheus,otlp",
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
        // an export may take no longer than this, and is complained of where it does: as when we are not given the CPU
        OTEL_METRIC_EXPORT_INTERVAL: "5000",
        OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: "base2_exponential_bucket_histogram",
      },
    });
    await (await fetch(app.url)).text();
  });
  after(async () => {
    await app?.stop();
    await receiver?.stop();
    rmSync(folder, { recursive: true });
  });

  async function exported(name: string) {
    return until(`${name} arrives`, DEADLINE_MS, async () =>
      receiver.received
        .flatMap(({ body }) => parseExports(`${body}\n`))
        .flatMap(({ metrics }) => metrics)
        .find((metric) => metric.name === name),
    );
  }

  it("over OTLP they are exponential", async () => {
    const { exponentialHistogram, histogram } = await exported("weight");
    assert.equal(histogram, undefined);
    const [point, ...others] = exponentialHistogram?.dataPoints ?? [];
    assert.deepEqual(others, []);
    assert.deepEqual([Number(point?.count), point?.sum], [3, 555]);
  });

  it("over OTLP RED has its buckets", async () => {
    const { exponentialHistogram, histogram } = await exported(FAMILIES.duration.name);
    assert.equal(exponentialHistogram, undefined);
    assert.deepEqual(histogram?.dataPoints[0]?.explicitBounds, DEFAULT_DURATION_BUCKETS);
  });

  it("on /metrics they have the buckets that the application has asked for, and nothing is missing", async () => {
    const { samples } = await app.scrapeUntil(
      "the visit is counted",
      ({ samples }) => total(samples, "visits_total") === 1,
    );
    assert.deepEqual(
      series(samples, "weight_grams_bucket").map(({ labels, value }) => [labels.le, value]),
      [
        ["10", 1],
        ["100", 2],
        ["+Inf", 3],
      ],
    );
    assert.match(app.stderr(), /^otel-red: metrics are served on \S+\n$/);
  });
});
