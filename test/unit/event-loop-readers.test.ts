/** The event loop's gauges, where several exporters collect at different intervals. */
import assert from "node:assert/strict";
import type { DataPoint } from "@opentelemetry/sdk-metrics";
import { Instruments } from "../../src/exporter/instruments.ts";
import { observeEventLoop } from "../../src/runtime/event-loop.ts";
import { until } from "../support/until.ts";

const DEADLINE_MS = 10_000;
const STALL_MS = 400;
const MAX = "nodejs_eventloop_lag_max_seconds";

describe("the event loop's gauges", () => {
  it("are those of the exporter's own interval, whatever another one has collected meanwhile", async () => {
    let nowMs = 0;
    const exporters = ["prometheus", "otlp"] as const;
    const instruments = new Instruments(
      { exporters, otlpHistogramAggregation: "explicit_bucket_histogram" },
      assert.fail,
    );
    const stop = observeEventLoop(instruments.provider.getMeter("test"), instruments, () => nowMs);
    const [scraped, pushed] = exporters.map((exporter) => {
      const producer = instruments.producer(exporter, () => 1);
      return async () => {
        const { resourceMetrics } = await producer.collect();
        const metrics = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
        const points = metrics.find(({ descriptor }) => descriptor.name === MAX)?.dataPoints as DataPoint<number>[];
        return points?.[0]?.value ?? 0;
      };
    }) as [() => Promise<number>, () => Promise<number>];
    try {
      await until("turns", DEADLINE_MS, async () => (await scraped()) > 0 || undefined);
      const endMs = performance.now() + STALL_MS;
      while (performance.now() < endMs);
      const isStall = (seconds: number) => seconds > (STALL_MS / 1000) * 0.9;
      nowMs = 15_000;
      await until("the stall is seen", DEADLINE_MS, async () => isStall(await scraped()) || undefined);
      for (nowMs of [30_000, 45_000, 60_000]) await scraped();
      assert.ok(!isStall(await scraped()), "the scrape's own window has gone on");
      assert.ok(isStall(await pushed()), "the push, a minute after its last one, has the stall of that minute");
    } finally {
      stop();
    }
  });

  it("know for which exporter they are asked, until they wait", async () => {
    const instruments = new Instruments(
      { exporters: ["otlp"], otlpHistogramAggregation: "explicit_bucket_histogram" },
      assert.fail,
    );
    const seen: (string | undefined)[] = [];
    instruments.provider
      .getMeter("test")
      .createObservableGauge("gauge")
      .addCallback(async () => {
        seen.push(instruments.collecting);
        await Promise.resolve();
        seen.push(instruments.collecting);
      });
    await instruments.producer("otlp", () => 1).collect();
    assert.deepEqual(seen, ["otlp", undefined]);
  });
});
