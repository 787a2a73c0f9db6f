/** Process and runtime metrics as several readers see them, and where something is missing. */
import assert from "node:assert/strict";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { createServer } from "node:net";
import { constants, PerformanceObserver } from "node:perf_hooks";
import { AggregationTemporality, type DataPoint, type Histogram, MeterProvider } from "@opentelemetry/sdk-metrics";
import { type RuntimeMetrics, startRuntimeMetrics } from "../../src/runtime/index.ts";
import {
  burn,
  collectGarbage,
  complete,
  DEADLINE_MS,
  GARBAGE_COLLECTION,
  ONE_READER,
  TestReader,
  UTILIZATION,
  value,
} from "../support/runtime-families.ts";
import { until } from "../support/until.ts";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("runtime metrics", () => {
  const { CUMULATIVE, DELTA } = AggregationTemporality;
  let cumulative: TestReader;
  let delta: TestReader;
  let runtime: RuntimeMetrics;

  beforeEach(() => {
    cumulative = new TestReader(CUMULATIVE);
    delta = new TestReader(DELTA);
    runtime = startRuntimeMetrics(new MeterProvider({ readers: [cumulative, delta] }), ONE_READER);
  });

  afterEach(() => runtime.stop());

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
      await complete(cumulative);
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

  it("counts open files one by one where the kernel (before Linux 6.2) does not say how many there are", async () => {
    const { statSync } = fs;
    const told = value(await cumulative.families(), "process_open_fds");
    Object.assign(fs, { statSync: (path: string) => Object.assign(statSync(path), { size: 0 }) });
    syncBuiltinESMExports();
    try {
      await until("the same number", DEADLINE_MS, async () =>
        value(await cumulative.families(), "process_open_fds") === told ? true : undefined,
      );
    } finally {
      Object.assign(fs, { statSync });
      syncBuiltinESMExports();
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
