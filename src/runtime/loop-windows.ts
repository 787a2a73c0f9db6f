/**
 * Windows of time over which the event loop's delays and utilisation are told to one reader.
 *
 * Both are gauges over an interval, and whoever scrapes does not say who they are: one endpoint is read by a pair of
 * Prometheus replicas and a person with curl. Were a window to begin anew at each collection, as with prom-client, each of
 * them would take from the others what they have not seen.
 *
 * So a collection is told the time since the one before it, unless that is less than 10 s ago: then also the window
 * before that. One reader sees each delay once; readers of the same interval, and those that come by, take nothing from
 * each other. Of those that share an endpoint, one that is slower than the others sees as much of its interval as the
 * shortest of theirs, or 10 s.
 */
import { type ELDHistogram, type EventLoopUtilization, monitorEventLoopDelay, performance } from "node:perf_hooks";
import type { Stop } from "./observe.ts";

const SHORTEST_MS = 10_000;

export interface LoopWindow {
  /** Nanoseconds between the turns of a timer of 10 ms: about 10 ms where nothing stands in the way. */
  readonly delays: ELDHistogram;
  /** 0 to 1; NaN before the event loop has begun. */
  readonly utilization: number;
}

export class LoopWindows {
  readonly #nowMs: () => number;
  /** The two overlap: what is in the younger one is also in the older. */
  #older: RunningWindow;
  #younger: RunningWindow;

  /** @param nowMs milliseconds of a monotonic clock */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#older = new RunningWindow(nowMs());
    this.#younger = new RunningWindow(nowMs());
  }

  /** The window to tell now, to be read at once. */
  take(): LoopWindow {
    const nowMs = this.#nowMs();
    const [older, younger] = [this.#older, this.#younger];
    if (nowMs - younger.startedAtMs < SHORTEST_MS) return older.read();
    older.restart(nowMs);
    this.#older = younger;
    this.#younger = older;
    return younger.read();
  }

  readonly stop: Stop = () => {
    this.#older.stop();
    this.#younger.stop();
  };
}

class RunningWindow {
  /** Its timer is libuv's, does not keep the process alive, and does not enter JavaScript. Default resolution: 10 ms. */
  readonly #delays = monitorEventLoopDelay();
  #utilizationAtStart: EventLoopUtilization = performance.eventLoopUtilization();
  startedAtMs: number;

  constructor(startedAtMs: number) {
    this.startedAtMs = startedAtMs;
    this.#delays.enable();
  }

  read(): LoopWindow {
    const { utilization } = performance.eventLoopUtilization(this.#utilizationAtStart);
    return { delays: this.#delays, utilization };
  }

  /** The delay that is going on has begun before this window, and is not in it. */
  restart(nowMs: number): void {
    this.startedAtMs = nowMs;
    this.#utilizationAtStart = performance.eventLoopUtilization();
    this.#delays.reset();
  }

  stop(): void {
    this.#delays.disable();
  }
}
