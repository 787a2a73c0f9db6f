/**
 * How long garbage collections took, by their kind.
 */
import { constants, type NodeGCPerformanceDetail, type PerformanceEntry, PerformanceObserver } from "node:perf_hooks";
import type { Attributes, Meter } from "@opentelemetry/api";
import { SECONDS, type Stop } from "./observe.ts";

/** Upper bounds in seconds, those of prom-client. */
const DURATION_BUCKETS = [0.001, 0.01, 0.1, 1, 2, 5];

/** V8's minor mark-sweep (`--minor-ms`), for which Node.js has no constant: kGCTypeMinorMarkSweep in v8-callbacks.h. */
const MINOR_MARK_SWEEP = 2;

const LABELS: ReadonlyMap<number, Attributes> = new Map([
  [constants.NODE_PERFORMANCE_GC_MAJOR, { kind: "major" }],
  [constants.NODE_PERFORMANCE_GC_MINOR, { kind: "minor" }],
  [MINOR_MARK_SWEEP, { kind: "minor" }],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, { kind: "incremental" }],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, { kind: "weakcb" }],
]);

/** The types of Node.js have no `detail`. https://nodejs.org/api/perf_hooks.html#garbage-collection-gc-details */
type GarbageCollection = PerformanceEntry & { readonly detail: NodeGCPerformanceDetail };

/**
 * Node.js hands the collections over in the turn of the event loop that follows them, and keeps none: unlike marks and
 * resources they have no buffer that fills up.
 */
export function observeGarbageCollection(meter: Meter): Stop {
  const durations = meter.createHistogram("nodejs_gc_duration_seconds", {
    description: "Garbage collection duration by kind, one of major, minor, incremental or weakcb.",
    advice: { explicitBucketBoundaries: DURATION_BUCKETS },
    ...SECONDS,
  });
  const observer = new PerformanceObserver((list) => {
    try {
      for (const { duration, detail } of list.getEntries() as GarbageCollection[]) {
        const labels = LABELS.get(detail.kind);
        if (labels !== undefined) durations.record(duration / 1000, labels);
      }
    } catch {
      // an exception here would be the application's uncaught one
      observer.disconnect();
    }
  });
  observer.observe({ type: "gc" });
  return () => observer.disconnect();
}
