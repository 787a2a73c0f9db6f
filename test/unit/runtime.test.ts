/** Process and runtime metrics, held against prom-client's in the same process, and as several readers see them. */
import assert from "node:assert/strict";
import { stat } from "node:fs";
import { createServer } from "node:net";
import { constants, PerformanceObserver } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  MeterProvider,
  type MetricData,
  MetricReader,
} from "@opentelemetry/sdk-metrics";
import { collectDefaultMetrics, type MetricObjectWithValues, type MetricValue, Registry } from "prom-client";
import { type RuntimeMetrics, startRuntimeMetrics } from "../../src/runtime/index.ts";
import { SCOPE } from "../../src/scope.ts";
import { until } from "../support/until.ts";

const DEADLINE_MS = 10_000;
const UTILIZATION = "nodejs_eventloop_utilization";
const GARBAGE_COLLECTION = "nodejs_gc_duration_seconds";

class TestReader extends MetricReader {
  constructor(temporality: AggregationTemporality) {
    super({ aggregationTemporalitySelector: () => temporality });
  }

  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}

  async families(): Promise<Map<string, MetricData>> {
    const { resourceMetrics, errors } = await this.collect();
    assert.deepEqual(errors, []);
    const scopes = resourceMetrics.scopeMetrics;
    for (const { scope } of scopes) assert.deepEqual({ name: scope.name, version: scope.version }, SCOPE);
    return new Map(scopes.flatMap(({ metrics }) => metrics.map((metric) => [metric.descriptor.name, metric])));
  }
}

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

/** Of a family without labels, or of the one series that has them. */
function value(families: ReadonlyMap<string, MetricData>, name: string, labels: object = {}): number {
  const points = families.get(name)?.dataPoints as DataPoint<number>[] | undefined;
  const point = points?.find(({ attributes }) => JSON.stringify(attributes) === JSON.stringify(labels));
  assert.ok(point, `${name}${JSON.stringify(labels)} is shown`);
  return point.value;
}

function promValue(families: PromFamilies, name: string): number {
  return families.get(name)?.values[0]?.value as number;
}

function ourType(metric: MetricData): string {
  if (metric.dataPointType === DataPointType.HISTOGRAM) return "histogram";
  return metric.dataPointType === DataPointType.SUM && metric.isMonotonic ? "counter" : "gauge";
}

let collectGarbage: () => void;

function burn(milliseconds: number): void {
  const endMs = performance.now() + milliseconds;
  while (performance.now() < endMs);
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("runtime metrics", () => {
  const { CUMULATIVE, DELTA } = AggregationTemporality;
  let cumulative: TestReader;
  let delta: TestReader;
  let runtime: RuntimeMetrics;

  before(() => {
    collectDefaultMetrics({ register: registry });
    setFlagsFromString("--expose-gc");
    collectGarbage = runInNewContext("gc");
  });

  beforeEach(() => {
    cumulative = new TestReader(CUMULATIVE);
    delta = new TestReader(DELTA);
    runtime = startRuntimeMetrics(new MeterProvider({ readers: [cumulative, delta] }));
  });

  afterEach(() => runtime.stop());

  /** When there has been a garbage collection, and the event loop has turned. */
  async function complete(): Promise<Map<string, MetricData>> {
    collectGarbage();
    return until("all families", DEADLINE_MS, async () => {
      const families = await cumulative.families();
      const awaited = [
        "nodejs_gc_duration_seconds",
        "nodejs_eventloop_lag_p99_seconds",
        "nodejs_eventloop_lag_seconds",
      ];
      return awaited.every((name) => families.has(name)) ? families : undefined;
    });
  }

  describe("against prom-client's default metrics", () => {
    it("has the same families, each with the same type, help and labels, and the utilisation besides", async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await complete();
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
      const points = (await complete()).get(GARBAGE_COLLECTION)?.dataPoints ?? [];
      const kinds = points.map(({ attributes }) => attributes.kind);
      const known = ["major", "minor", "incremental", "weakcb"];
      assert.ok(kinds.includes("major"));
      assert.deepEqual(
        kinds.filter((kind) => !known.includes(String(kind))),
        [],
      );
    });

    it("has the same buckets of garbage collections", async () => {
      const ours = (await complete()).get(GARBAGE_COLLECTION)?.dataPoints[0] as DataPoint<Histogram>;
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

  describe("garbage collections", () => {
    it("counts every one, also those that end in one turn of the event loop", async () => {
      let seen = 0;
      const observer = new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          const { kind } = (entry as unknown as { detail: { kind: number } }).detail;
          if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) seen++;
        }
      });
      const count = async () => {
        const points = (await cumulative.families()).get(GARBAGE_COLLECTION)?.dataPoints;
        const major = (points as DataPoint<Histogram>[] | undefined)?.find(
          ({ attributes }) => attributes.kind === "major",
        );
        return major?.value.count ?? 0;
      };
      collectGarbage();
      await until("the first", DEADLINE_MS, async () => ((await count()) > 0 ? true : undefined));
      const before = await count();
      observer.observe({ type: "gc" });
      for (let collections = 0; collections < 5; collections++) collectGarbage();
      await until("five", DEADLINE_MS, async () => (seen >= 5 ? true : undefined));
      observer.disconnect();
      assert.equal((await count()) - before, seen);
    });
  });

  describe("with several readers", () => {
    it("gives one of them deltas whose sum is the other's total", async () => {
      let sum = 0;
      for (let round = 0; round < 3; round++) {
        burn(20);
        sum += value(await delta.families(), "process_cpu_seconds_total");
        await cumulative.families();
      }
      const before = process.cpuUsage();
      sum += value(await delta.families(), "process_cpu_seconds_total");
      const total = value(await cumulative.families(), "process_cpu_seconds_total");
      const { user, system } = process.cpuUsage(before);
      assert.ok(sum <= total + 1e-9 && total - sum <= (user + system) / 1e6 + 1e-9, `${sum} and ${total}`);
    });

    it("gives the delay of the event loop to both", async () => {
      await complete();
      burn(150);
      for (const reader of [cumulative, delta]) {
        await until("the delay", DEADLINE_MS, async () => {
          const max = value(await reader.families(), "nodejs_eventloop_lag_max_seconds");
          return max >= 0.14 ? true : undefined;
        });
      }
    });

    it("reads each source once for a collection", async () => {
      const { memoryUsage, cpuUsage, getActiveResourcesInfo } = process;
      const calls = { memoryUsage: 0, cpuUsage: 0, getActiveResourcesInfo: 0 };
      process.memoryUsage = Object.assign(() => {
        calls.memoryUsage++;
        return memoryUsage();
      }, memoryUsage);
      process.cpuUsage = () => {
        calls.cpuUsage++;
        return cpuUsage.call(process);
      };
      process.getActiveResourcesInfo = () => {
        calls.getActiveResourcesInfo++;
        return getActiveResourcesInfo.call(process);
      };
      try {
        await cumulative.families();
        assert.deepEqual(calls, { memoryUsage: 1, cpuUsage: 1, getActiveResourcesInfo: 1 });
      } finally {
        Object.assign(process, { memoryUsage, cpuUsage, getActiveResourcesInfo });
      }
    });
  });

  it("shows 0 for a type of handle that is gone", async () => {
    const name = "nodejs_active_handles";
    const labels = { type: "Server" };
    const server = createServer().listen(0, "127.0.0.1");
    await until("the server", DEADLINE_MS, async () =>
      value(await cumulative.families(), name, labels) > 0 ? true : undefined,
    );
    const before = value(await cumulative.families(), name, labels);
    server.close();
    await until("its end", DEADLINE_MS, async () =>
      value(await cumulative.families(), name, labels) === before - 1 ? true : undefined,
    );
  });

  it("tells how busy the event loop is", async () => {
    burn(50);
    await turn();
    const utilization = value(await cumulative.families(), UTILIZATION);
    assert.ok(utilization > 0 && utilization <= 1, String(utilization));
  });

  it("leaves out what cannot be read, and only that", async () => {
    const { cpuUsage } = process;
    process.cpuUsage = () => {
      throw new Error("not on this platform");
    };
    try {
      const families = await cumulative.families();
      assert.equal(families.has("process_cpu_seconds_total"), false);
      assert.ok(families.has("process_resident_memory_bytes"));
    } finally {
      process.cpuUsage = cpuUsage;
    }
  });

  it("reads nothing any more once it is stopped", async () => {
    await delta.families();
    runtime.stop();
    runtime.stop();
    collectGarbage();
    await turn();
    assert.deepEqual([...(await delta.families()).keys()], []);
  });
});
