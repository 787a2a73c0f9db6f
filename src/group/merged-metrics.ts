/**
 * Metrics other than RED of all members, as one collection: counters, up-down counters and histograms are summed; gauges, and
 * the metrics of the process and its runtime, are there for each worker.
 */
import type { Attributes, HrTime } from "@opentelemetry/api";
import { millisToHrTime } from "@opentelemetry/core";
import {
  AggregationTemporality,
  type DataPoint,
  type Histogram,
  type MetricData,
  type ScopeMetrics,
} from "@opentelemetry/sdk-metrics";
import { histogramData, numberData } from "../view/metric-data.ts";
import { WORKER_ATTRIBUTE } from "../view/red.ts";
import {
  attributesOf,
  type HistogramValue,
  isOfProcess,
  isToldApart,
  type Metric,
  type NumberValue,
} from "./metrics.ts";

/** The metrics of one member. */
export interface MemberMetrics {
  readonly metrics: ReadonlyMap<string, Metric>;
  /** Number of the worker; undefined for the sums of ended members. */
  readonly worker: number | undefined;
  /** Whether it stands for the threads of its process. */
  readonly isProcess: boolean;
}

/** Series of one metric that is summed. The SDK has the same limit in one process. */
const MOST_SERIES = 2000;
/** https://opentelemetry.io/docs/specs/otel/metrics/sdk/#overflow-attribute */
const OVERFLOW = JSON.stringify([["otel.metric.overflow", true]]);

export class MergedMetrics {
  /** The attributes of each series of a sum. Always the same object, so that its text can be kept with it. */
  readonly #series = new Map<string, Map<string, Attributes>>();

  /** What was shown last of each counter, and of the sum of each histogram. */
  readonly #shown = new Map<string, Map<string, number>>();

  /** In the order in which they were first seen. */
  merge(members: readonly MemberMetrics[]): ScopeMetrics[] {
    const byKey = new Map<string, { readonly metric: Metric; readonly from: [Metric, MemberMetrics][] }>();
    for (const member of members) {
      for (const [key, metric] of member.metrics) {
        const known = byKey.get(key);
        if (known === undefined) byKey.set(key, { metric, from: [[metric, member]] });
        else known.from.push([metric, member]);
      }
    }
    const scopes = new Map<string, ScopeMetrics>();
    const now = millisToHrTime(Date.now());
    for (const [key, { metric, from }] of byKey) {
      const data = isToldApart(metric) ? sideBySide(metric, from, now) : this.#sum(key, metric, from, now);
      if (data.dataPoints.length === 0) continue;
      const { name, version, schemaUrl } = metric.scope;
      const scopeKey = JSON.stringify([name, version, schemaUrl]);
      const scope = scopes.get(scopeKey);
      if (scope === undefined) scopes.set(scopeKey, { scope: metric.scope, metrics: [data] });
      else scope.metrics.push(data);
    }
    return [...scopes.values()];
  }

  #sum(key: string, metric: Metric, from: readonly [Metric, MemberMetrics][], now: HrTime): MetricData {
    const sums = this.sum(
      key,
      from.map(([each]) => each),
    );
    const shown = metric.kind === "up-down-counter" ? undefined : this.#shownOf(key);
    const points = [...sums].map(([series, value]) => ({
      attributes: this.#attributes(key, series),
      value: shown === undefined ? value : notBelow(shown, series, value),
    }));
    return dataOf(metric, points, now);
  }

  #shownOf(key: string): Map<string, number> {
    const shown = this.#shown.get(key) ?? new Map<string, number>();
    this.#shown.set(key, shown);
    return shown;
  }

  /** The sum of each series, by its key. */
  sum(key: string, metrics: readonly Metric[]): Map<string, NumberValue | HistogramValue> {
    const sums = new Map<string, NumberValue | HistogramValue>();
    for (const { points } of metrics) {
      for (const point of points) {
        const series = this.#admit(key, point.key);
        const sum = sums.get(series);
        sums.set(series, sum === undefined ? point.value : add(sum, point.value));
      }
    }
    return sums;
  }

  #admit(key: string, series: string): string {
    let known = this.#series.get(key);
    if (known === undefined) {
      known = new Map();
      this.#series.set(key, known);
    }
    if (known.has(series)) return series;
    const admitted = known.size < MOST_SERIES - 1 ? series : OVERFLOW;
    if (!known.has(admitted)) known.set(admitted, attributesOf(admitted));
    return admitted;
  }

  #attributes(key: string, series: string): Attributes {
    return this.#series.get(key)?.get(series) as Attributes;
  }
}

/** What two orders of the same sum differ by at most, as a part of it. */
const ROUNDING = 1e-9;

/**
 * Sums of fractions depend on their order in the last digit, and an ended member changes the order. A sum that goes down is a
 * counter reset to Prometheus.
 */
function notBelow(shown: Map<string, number>, series: string, value: NumberValue | HistogramValue): typeof value {
  const sum = typeof value === "object" ? value.sum : Number(value);
  if (sum === undefined) return value;
  const before = shown.get(series) ?? sum;
  const highest = sum < before && before - sum <= before * ROUNDING ? before : sum;
  shown.set(series, highest);
  return typeof value === "object" ? { ...value, sum: highest } : highest;
}

function add(a: NumberValue | HistogramValue, b: NumberValue | HistogramValue): NumberValue | HistogramValue {
  if (typeof a !== "object" || typeof b !== "object") return Number(a) + Number(b);
  return {
    counts: a.counts.map((count, bucket) => count + (b.counts[bucket] ?? 0)),
    count: a.count + b.count,
    sum: a.sum === undefined || b.sum === undefined ? undefined : a.sum + b.sum,
  };
}

interface Series {
  readonly attributes: Attributes;
  readonly value: NumberValue | HistogramValue;
}

function sideBySide(metric: Metric, from: readonly [Metric, MemberMetrics][], now: HrTime): MetricData {
  const isOnce = isOfProcess(metric);
  const points = from.flatMap(([{ points }, { worker, isProcess }]) => {
    if (worker === undefined || (isOnce && !isProcess)) return [];
    return points.map(({ key, value }) => ({ attributes: ofWorker(key, worker), value }));
  });
  return dataOf(metric, points, now);
}

const attributesOfWorkers = new Map<string, Attributes>();
/** Gauges may have other attributes at each scrape. */
const MOST_KEPT = 10_000;

function ofWorker(key: string, worker: number): Attributes {
  const name = `${worker} ${key}`;
  let attributes = attributesOfWorkers.get(name);
  if (attributes === undefined) {
    if (attributesOfWorkers.size >= MOST_KEPT) attributesOfWorkers.clear();
    attributes = { ...attributesOf(key), [WORKER_ATTRIBUTE]: String(worker) };
    attributesOfWorkers.set(name, attributes);
  }
  return attributes;
}

function dataOf({ descriptor, kind, boundaries }: Metric, series: readonly Series[], now: HrTime): MetricData {
  const points: DataPoint<NumberValue | HistogramValue>[] = series.map((each) => ({
    ...each,
    startTime: now,
    endTime: now,
  }));
  if (kind === "histogram") {
    const histograms = points.map(({ value, ...point }): DataPoint<Histogram> => {
      const { counts, count, sum } = value as HistogramValue;
      return {
        ...point,
        value: {
          buckets: { boundaries: [...boundaries], counts: [...counts] },
          count,
          ...(sum === undefined ? {} : { sum }),
        },
      };
    });
    return histogramData(descriptor, histograms, AggregationTemporality.CUMULATIVE);
  }
  const numbers = points.map(({ value, ...point }) => ({ ...point, value: Number(value) }));
  if (kind !== "up-down-counter") return numberData(descriptor, kind, numbers, AggregationTemporality.CUMULATIVE);
  // to Prometheus, a sum that may fall is a gauge
  return numberData(descriptor, "gauge", numbers, AggregationTemporality.CUMULATIVE);
}
