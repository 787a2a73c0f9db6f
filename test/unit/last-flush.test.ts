import assert from "node:assert/strict";
import { mock } from "node:test";
import { beforeTheEnd } from "../../src/exporter/flush/last-flush.ts";
import { until } from "../support/until.ts";

const DEADLINE_MS = 5000;

describe("the last flush", () => {
  const before = { exit: process.listeners("exit"), beforeExit: process.listeners("beforeExit") };
  /** What Node would call, without ending the tests. */
  const end = () => {
    for (const listener of process.listeners("exit")) if (!before.exit.includes(listener)) listener(0);
  };
  let flushes: string[];
  let watch: { stop(): void };

  beforeEach(() => {
    flushes = [];
    mock.method(process, "kill", () => flushes.push("signal"));
    const flush = async () => void flushes.push("flush");
    watch = beforeTheEnd({ flush, flushNow: (longestMs) => flushes.push(`now, ${longestMs} ms`) }, 700);
  });
  afterEach(() => {
    watch.stop();
    mock.restoreAll();
  });

  it("does not listen to beforeExit, whose listeners would be called once more for what it waits for", () => {
    assert.deepEqual(process.listeners("beforeExit"), before.beforeExit);
  });

  it("is at once where there is no time", () => {
    end();
    assert.deepEqual(flushes, ["now, 700 ms"]);
  });

  it("comes again where a signal has not ended the process, as none does that is process 1 of a container", async () => {
    process.emit("SIGTERM", "SIGTERM");
    await until("it is raised again", DEADLINE_MS, async () => flushes.includes("signal") || undefined);
    end();
    assert.deepEqual(flushes, ["flush", "signal", "now, 700 ms"]);
  });

  it("is nobody's after stop()", () => {
    watch.stop();
    end();
    assert.deepEqual(flushes, []);
    assert.equal(process.listenerCount("SIGTERM"), 0);
  });
});
