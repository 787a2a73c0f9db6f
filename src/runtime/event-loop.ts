/**
 * How late the event loop comes, and how busy it is.
 */
import { performance } from "node:perf_hooks";
import type { Meter } from "@opentelemetry/api";
import { LoopWindows } from "./loop-windows.ts";
import { observe, type Readers, SECONDS, type Stop } from "./observe.ts";

/** Bound now: an application under test replaces the clock, and puts it back. */
const nowMs = performance.now.bind(performance);

/** @param now milliseconds of a monotonic clock */
export function observeEventLoop(meter: Meter, readers: Readers, now = nowMs): Stop {
  const gauge = (name: string, description: string) => meter.createObservableGauge(name, { description, ...SECONDS });
  const lag = gauge("nodejs_eventloop_lag_seconds", "Lag of event loop in seconds.");
  const min = gauge("nodejs_eventloop_lag_min_seconds", "The minimum recorded event loop delay.");
  const max = gauge("nodejs_eventloop_lag_max_seconds", "The maximum recorded event loop delay.");
  const mean = gauge("nodejs_eventloop_lag_mean_seconds", "The mean of the recorded event loop delays.");
  const stddev = gauge(
    "nodejs_eventloop_lag_stddev_seconds",
    "The standard deviation of the recorded event loop delays.",
  );
  const quantiles = [50, 90, 99].map((percentile) => ({
    percentile,
    instrument: gauge(
      `nodejs_eventloop_lag_p${percentile}_seconds`,
      `The ${percentile}th percentile of the recorded event loop delays.`,
    ),
  }));
  // no unit: `1` becomes the suffix _ratio behind OTLP
  const utilization = meter.createObservableGauge("nodejs_eventloop_utilization", {
    description: "Part of the time, from 0 to 1, in which the event loop was not waiting for events.",
  });

  const windowsOf = new Map(readers.exporters.map((exporter) => [exporter, new LoopWindows(now)]));
  const turn = new TurnLag();
  turn.measure();
  const instruments = [lag, min, max, mean, stddev, ...quantiles.map(({ instrument }) => instrument), utilization];
  const stopObserving = observe(meter, instruments, (result) => {
    if (turn.seconds !== undefined) result.observe(lag, turn.seconds);
    turn.measure();
    const window = windowsOf.get(readers.collecting ?? "")?.take();
    if (window === undefined) return;
    if (!Number.isNaN(window.utilization)) result.observe(utilization, window.utilization);
    const { delays } = window;
    if (delays.count === 0) return;
    result.observe(min, delays.min / 1e9);
    result.observe(max, delays.max / 1e9);
    result.observe(mean, delays.mean / 1e9);
    result.observe(stddev, delays.stddev / 1e9);
    for (const { percentile, instrument } of quantiles) result.observe(instrument, delays.percentile(percentile) / 1e9);
  });
  return () => {
    stopObserving();
    turn.stop();
    for (const windows of windowsOf.values()) windows.stop();
  };
}

/**
 * How long the event loop took to the end of the turn in which it was asked, as of the collection before: to wait for it
 * would put off each collection, and leave the last one of a process that ends without an answer.
 */
class TurnLag {
  #immediate: NodeJS.Immediate | undefined;
  /** Undefined until first measured. */
  seconds: number | undefined;

  measure(): void {
    if (this.#immediate !== undefined) return;
    const startedAtMs = nowMs();
    this.#immediate = setImmediate(() => {
      this.#immediate = undefined;
      this.seconds = (nowMs() - startedAtMs) / 1000;
    }).unref();
  }

  stop(): void {
    clearImmediate(this.#immediate);
  }
}
