/** Process and runtime metrics held against prom-client's default metrics, in the same process. */
import assert from "node:assert/strict";
import { stat } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  MeterProvider,
  type MetricData,
} from "@opentelemetry/sdk-metrics";
import { collectDefaultMetrics, type MetricObjectWithValues, type MetricValue, Registry } from "prom-client";
import { type RuntimeMetrics, startRuntimeMetrics } from "../../src/runtime/index.ts";
import {
  burn,
  complete,
  DEADLINE_MS,
  GARBAGE_COLLECTION,
  ONE_READER,
  TestReader,
  UTILIZATION,
  value,
} from "../support/runtime-families.ts";
import { until } from "../support/until.ts";

type PromFamilies = ReadonlyMap<string, MetricObjectWithValues<MetricValue<string>>>;

/** The observer of garbage collections that collectDefaultMetrics starts has no end: one for all tests. */
const registry = new Registry();

async function promClient(): Promise<PromFamilies> {
  return new Map((await registry.getMetricsAsJSON()).map((family) => [family.name, family]));
}

/** One series a line: its labels, those of a histogram's buckets left out. */
function labelSets(points: readonly { readonly labels: object }[]): string[] {
  const texts = points.map(({ labels }) => {
    const entries = Object.entries(labels).filter(([name]) => name !== "le");
    return JSON.stringify(entries.map(([name, value]) => [name, String(value)]).sort());
  });
  return [...new Set(texts)].sort();
}

function ourLabelSets({ dataPoints }: MetricData): string[] {
  return labelSets(dataPoints.map(({ attributes }) => ({ labels: attributes })));
}

function promValue(families: PromFamilies, name: string): number {
  return families.get(name)?.values[0]?.value as number;
}

function ourType(metric: MetricData): string {
  if (metric.dataPointType === DataPointType.HISTOGRAM) return "histogram";
  return metric.dataPointType === DataPointType.SUM && metric.isMonotonic ? "counter" : "gauge";
}

describe("runtime metrics against prom-client's default metrics", () => {
  let cumulative: TestReader;
  let runtime: RuntimeMetrics;

  before(() => collectDefaultMetrics({ register: registry }));

  beforeEach(() => {
    cumulative = new TestReader(AggregationTemporality.CUMULATIVE);
    runtime = startRuntimeMetrics(new MeterProvider({ readers: [cumulative] }), ONE_READER);
  });

  afterEach(() => runtime.stop());

  it("has the same families, each with the same type, help and labels, and the utilisation besides", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await complete(cumulative);
    // a request of libuv, which is there while both of them look
    const done = new Promise((resolve) => stat(".", resolve));
    const [ours, theirs] = await Promise.all([cumulative.families(), promClient()]);
    await done;
    server.close();

    assert.equal(ours.get(UTILIZATION)?.dataPointType, DataPointType.GAUGE);
    ours.delete(UTILIZATION);
    const ourHeads = [...ours].map(([name, metric]) => `${name} ${ourType(metric)} ${metric.descriptor.description}`);
    const theirHeads = [...theirs].map(([name, { type, help }]) => `${name} ${type} ${help}`);
    assert.deepEqual(ourHeads.sort(), theirHeads.sort());

    for (const [name, { values }] of theirs) {
      if (name === GARBAGE_COLLECTION) continue; // when they began to look differs
      // prom-client's own: it measures the event loop's lag while it is asked
      const expected = labelSets(values).filter((labels) => !labels.includes("Immediate"));
      assert.deepEqual(ourLabelSets(ours.get(name) as MetricData), expected, name);
    }
  });

  it("names the kinds of garbage collections as prom-client does", async () => {
    const points = (await complete(cumulative)).get(GARBAGE_COLLECTION)?.dataPoints ?? [];
    const kinds = points.map(({ attributes }) => attributes.kind);
    const known = ["major", "minor", "incremental", "weakcb"];
    assert.ok(kinds.includes("major"));
    assert.deepEqual(
      kinds.filter((kind) => !known.includes(String(kind))),
      [],
    );
  });

  it("has the same buckets of garbage collections", async () => {
    const ours = (await complete(cumulative)).get(GARBAGE_COLLECTION)?.dataPoints[0] as DataPoint<Histogram>;
    const theirs = (await promClient()).get(GARBAGE_COLLECTION);
    const bounds = new Set(theirs?.values.map(({ labels }) => labels.le).filter((le) => le !== undefined));
    assert.deepEqual([...ours.value.buckets.boundaries, "+Inf"], [...bounds]);
  });

  for (const name of ["process_start_time_seconds", "process_max_fds"]) {
    it(`${name}: the same value`, async () => {
      assert.equal(value(await cumulative.families(), name), promValue(await promClient(), name));
    });
  }

  for (const [name, tolerance] of [
    ["process_resident_memory_bytes", 0.1],
    ["process_virtual_memory_bytes", 0.1],
    ["process_heap_bytes", 0.1],
    ["process_open_fds", 0.1],
    ["nodejs_heap_size_total_bytes", 0.1],
    ["nodejs_heap_size_used_bytes", 0.2],
    ["nodejs_external_memory_bytes", 0.2],
  ] as const) {
    it(`${name}: within ${tolerance * 100} %`, async () => {
      await until(name, DEADLINE_MS, async () => {
        const [ours, theirs] = [value(await cumulative.families(), name), promValue(await promClient(), name)];
        return Math.abs(ours - theirs) <= tolerance * theirs ? true : undefined;
      });
    });
  }

  for (const name of ["process_cpu_seconds_total", "process_cpu_user_seconds_total"]) {
    it(`${name}: grows by the same`, async () => {
      await until(name, DEADLINE_MS, async () => {
        const before = [value(await cumulative.families(), name), promValue(await promClient(), name)] as const;
        burn(200);
        const after = [value(await cumulative.families(), name), promValue(await promClient(), name)] as const;
        const [ours, theirs] = [after[0] - before[0], after[1] - before[1]];
        return ours > 0 && Math.abs(ours - theirs) < 0.2 * theirs ? true : undefined;
      });
    });
  }

  it("tells a delay of the event loop as prom-client does", async () => {
    const name = "nodejs_eventloop_lag_max_seconds";
    await until(name, DEADLINE_MS, async () => {
      await promClient(); // begins its window, in which a delay counts from the second turn of its timer on
      await sleep(50);
      burn(300);
      await sleep(50);
      const [ours, theirs] = [value(await cumulative.families(), name), promValue(await promClient(), name)];
      return ours > 0.29 && Math.abs(ours - theirs) < 0.05 * theirs ? true : undefined;
    });
  });
});
