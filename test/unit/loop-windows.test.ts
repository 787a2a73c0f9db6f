/** The window of the event loop's delays, with a clock of the test's. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { LoopWindows } from "../../src/runtime/loop-windows.ts";
import { until } from "../support/until.ts";

const DEADLINE_MS = 10_000;
const STALL_MS = 400;

describe("windows of the event loop", () => {
  let nowMs = 0;
  let windows: LoopWindows;

  beforeEach(() => {
    nowMs = 0;
    windows = new LoopWindows(() => nowMs);
  });

  afterEach(() => windows.stop());

  /** Collects at that time, and tells whether a stall of the test's is in the window. */
  function stallAt(seconds: number): boolean {
    nowMs = seconds * 1000;
    const { delays } = windows.take();
    return delays.count > 0 && delays.max > STALL_MS * 1e6 * 0.9;
  }

  /** A delay counts from the timer's second turn on, so there have to be some of them before and behind it. */
  async function stall(): Promise<void> {
    await turns();
    const endMs = performance.now() + STALL_MS;
    while (performance.now() < endMs);
    await turns();
  }

  async function turns(): Promise<void> {
    const before = nowMs;
    nowMs = Number.NEGATIVE_INFINITY; // looks on without a new window
    const { count } = windows.take().delays;
    await until("turns", DEADLINE_MS, async () => (windows.take().delays.count > count + 2 ? true : undefined));
    nowMs = before;
  }

  for (const { title, collections } of [
    {
      title: "one reader sees it once",
      collections: [
        [15, true],
        [30, false],
        [45, false],
      ],
    },
    {
      title: "so does one that comes often, for 10 s",
      collections: [
        [2, true],
        [9, true],
        [11, true],
        [21, false],
      ],
    },
    {
      title: "a second replica sees it, too",
      collections: [
        [15, true],
        [18, true],
        [30, false],
        [33, false],
      ],
    },
    {
      title: "who comes by takes it from nobody",
      collections: [
        [12, true],
        [15, true],
        [30, false],
      ],
    },
  ] as const) {
    it(`${title}: ${collections.map(([seconds]) => `${seconds} s`).join(", ")}`, async () => {
      await stall();
      const seen: [number, boolean][] = [];
      for (const [seconds] of collections) {
        seen.push([seconds, stallAt(seconds)]);
        await turns();
      }
      assert.deepEqual(seen, collections);
    });
  }

  it("is at its end when it is stopped", async () => {
    const other = new LoopWindows(() => nowMs);
    await turns();
    windows.stop();
    const [count, otherCount] = [windows.take().delays.count, other.take().delays.count];
    await until("turns of the other", DEADLINE_MS, async () =>
      other.take().delays.count > otherCount + 2 ? true : undefined,
    );
    other.stop();
    assert.equal(windows.take().delays.count, count);
  });

  it("tells the utilisation of the window, not of the process's life", async () => {
    await stall();
    nowMs = 15_000;
    const busy = windows.take().utilization;
    await sleep(200);
    nowMs = 30_000;
    const idle = windows.take().utilization;
    assert.ok(busy > idle, `${busy} > ${idle}`);
    assert.ok(busy <= 1 && idle >= 0);
  });
});
