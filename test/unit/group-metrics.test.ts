/** Metrics other than RED of several members: what is summed, what is told apart, and what stays of a member that has ended. */
import assert from "node:assert/strict";
import { type Attributes, ValueType } from "@opentelemetry/api";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { Counts } from "../../src/group/counts.ts";
import { EndedCounts } from "../../src/group/ended-counts.ts";
import { type MemberMetrics, MergedMetrics } from "../../src/group/merged-metrics.ts";
import { checkedMetric, lasting, metricsOf } from "../../src/group/metrics.ts";
import { collectRecorded } from "../../src/view/collect-now.ts";
import { InMemoryReader } from "../../src/view/in-memory-reader.ts";
import { LabelSets } from "../../src/view/label-sets.ts";
import { redLabels, WORKER_ATTRIBUTE } from "../../src/view/red.ts";

type Meter = ReturnType<MeterProvider["getMeter"]>;

/** The metrics of a member that has recorded this. They go through JSON, as in a message. */
function recorded(record: (meter: Meter) => void, scope = "app"): MemberMetrics["metrics"] {
  const reader = new InMemoryReader();
  record(new MeterProvider({ readers: [reader] }).getMeter(scope));
  const metrics = metricsOf(collectRecorded(reader));
  return new Map([...metrics].map(([key, metric]) => [key, checkedMetric(JSON.parse(JSON.stringify(metric)))]));
}

const member = (worker: number | undefined, metrics: MemberMetrics["metrics"], isProcess = true): MemberMetrics => ({
  worker,
  metrics,
  isProcess,
});

/** Values by name and attributes. */
function shown(merged: MergedMetrics, members: readonly MemberMetrics[]): Record<string, unknown> {
  const points = merged
    .merge(members)
    .flatMap(({ metrics }) => metrics)
    .flatMap(({ descriptor, dataPoints }) =>
      (dataPoints as { attributes: Attributes; value: unknown }[]).map(({ attributes, value }) => [
        `${descriptor.name} ${JSON.stringify(attributes)}`,
        value,
      ]),
    );
  return Object.fromEntries(points);
}

describe("metrics of several members", () => {
  it("sums counters, up-down counters and histograms, and tells gauges apart", () => {
    const both = [1, 2].map((worker) =>
      member(
        worker,
        recorded((meter) => {
          meter.createCounter("jobs").add(worker, { kind: "a" });
          meter.createUpDownCounter("open").add(worker);
          meter.createGauge("queue").record(10 * worker, { kind: "a" });
          const size = meter.createHistogram("size", { advice: { explicitBucketBoundaries: [1] } });
          for (let count = 0; count < worker; count++) size.record(worker);
        }),
      ),
    );
    assert.deepEqual(shown(new MergedMetrics(), both), {
      'jobs {"kind":"a"}': 3,
      "open {}": 3,
      [`queue {"kind":"a","${WORKER_ATTRIBUTE}":"1"}`]: 10,
      [`queue {"kind":"a","${WORKER_ATTRIBUTE}":"2"}`]: 20,
      "size {}": { buckets: { boundaries: [1], counts: [1, 2] }, count: 3, sum: 5 },
    });
  });

  it("shows those of a process once, and those of the runtime for each thread", () => {
    const threads = [
      { worker: 1, isProcess: true },
      { worker: 2, isProcess: false },
    ].map(({ worker, isProcess }) =>
      member(
        worker,
        recorded((meter) => {
          meter.createGauge("process_resident_memory_bytes").record(5);
          meter.createGauge("nodejs_heap_size_used_bytes").record(worker);
        }, "otel-red"),
        isProcess,
      ),
    );
    assert.deepEqual(shown(new MergedMetrics(), threads), {
      [`process_resident_memory_bytes {"${WORKER_ATTRIBUTE}":"1"}`]: 5,
      [`nodejs_heap_size_used_bytes {"${WORKER_ATTRIBUTE}":"1"}`]: 1,
      [`nodejs_heap_size_used_bytes {"${WORKER_ATTRIBUTE}":"2"}`]: 2,
    });
  });

  it("takes attributes in another order for the same series", () => {
    const orders: Attributes[] = [
      { a: "1", b: "2" },
      { b: "2", a: "1" },
    ];
    const both = orders.map((attributes, index) =>
      member(
        index + 1,
        recorded((meter) => meter.createCounter("jobs").add(1, attributes)),
      ),
    );
    assert.deepEqual(shown(new MergedMetrics(), both), { 'jobs {"a":"1","b":"2"}': 2 });
  });

  it("keeps what is not finite", () => {
    const values = recorded((meter) => {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
        meter.createGauge("ratio", { valueType: ValueType.DOUBLE }).record(value, { is: String(value) });
    });
    assert.deepEqual(Object.values(shown(new MergedMetrics(), [member(1, values)])), [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ]);
  });

  it("adds up what is beyond 2,000 series of an instrument, and loses nothing", () => {
    const both = [1, 2].map((worker) =>
      member(
        worker,
        recorded((meter) => {
          const jobs = meter.createCounter("jobs");
          for (let id = 0; id < 1500; id++) jobs.add(1, { id: `${worker}-${id}` });
        }),
      ),
    );
    const series = shown(new MergedMetrics(), both);
    assert.equal(Object.keys(series).length, 2000);
    assert.equal(series['jobs {"otel.metric.overflow":true}'], 1001);
    assert.equal(
      Object.values(series).reduce<number>((sum, value) => sum + Number(value), 0),
      3000,
    );
  });

  it("never shows a counter or a histogram's sum lower than before, whatever the order of its fractions", () => {
    const merged = new MergedMetrics();
    const of = (worker: number, seconds: number) =>
      member(
        worker,
        recorded((meter) => {
          meter.createCounter("busy").add(seconds);
          meter.createHistogram("wait").record(seconds);
        }),
      );
    const [a, b, c] = [of(1, 0.1), of(2, 0.2), of(3, 0.3)] as const;
    assert.notEqual(0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1);
    const sums = (members: readonly MemberMetrics[]) => {
      const { "busy {}": busy, "wait {}": wait } = shown(merged, members);
      return [busy, (wait as { sum: number }).sum];
    };
    const before = sums([a, b, c]);
    assert.deepEqual(sums([c, b, a]), before);
  });

  it("keeps counters and histograms of a member that has ended, and nothing else", () => {
    const metrics = recorded((meter) => {
      meter.createCounter("jobs").add(1);
      meter.createHistogram("size").record(1);
      meter.createUpDownCounter("open").add(1);
      meter.createGauge("queue").record(1);
    });
    assert.deepEqual(
      [...lasting(metrics).values()].map(({ descriptor }) => descriptor.name),
      ["jobs", "size"],
    );
    const merged = new MergedMetrics();
    const ended = new EndedCounts(2, new LabelSets(10, redLabels("shop", "path")), merged);
    const counts = new Counts(2);
    for (const [key, metric] of metrics) counts.metrics.set(key, metric);
    for (let members = 0; members < 3; members++) ended.add(counts);
    const series = shown(merged, [member(undefined, ended.counts.metrics), member(1, metrics)]);
    assert.equal(series["jobs {}"], 4);
    assert.equal((series["size {}"] as { count: number }).count, 4);
    assert.deepEqual(Object.keys(series).length, 4);
  });
});
