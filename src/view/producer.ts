/**
 * The one way out: all RED families as the SDK's metric data, from one snapshot of one instant.
 *
 * `http_requests_total` and `http_errors_total` are derived from the histogram's counts, so that the three cannot
 * disagree. One producer for each metric reader, because `collect()` carries no temporality: a reader that wants deltas
 * gets them from what it was given before.
 */
import type { HrTime } from "@opentelemetry/api";
import { millisToHrTime } from "@opentelemetry/core";
import type { Resource } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  type CollectionResult,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
  type MetricDescriptor,
  type MetricProducer,
  type ScopeMetrics,
} from "@opentelemetry/sdk-metrics";
import { derivedFamilies } from "./derived.ts";
import { type LabelSet, PATH_SOURCES, type PathSource } from "./label-sets.ts";
import { FAMILIES, isErrorStatus, LABEL_SOURCE } from "./red.ts";
import { SCOPE } from "./scope.ts";
import { bucketCount, type RedSnapshot, requestCount, requestsBySource, stride } from "./snapshot.ts";

/** Where the values come from: one of the two instrumentations. */
export type TakeSnapshot = () => RedSnapshot;

/** A producer that has its values at hand. */
export interface PromptProducer extends MetricProducer {
  /** As `collect`, for when there is no time to wait. */
  collectNow(): ScopeMetrics[];
}

/** The RED metrics of one collection. An exporter that knows the snapshot can do without the data points. */
export interface RedScopeMetrics extends ScopeMetrics {
  readonly red: RedSnapshot;
}

export function isRed(scopeMetrics: ScopeMetrics): scopeMetrics is RedScopeMetrics {
  return "red" in scopeMetrics;
}

export class RedProducer implements PromptProducer {
  readonly #takeSnapshot: TakeSnapshot;
  readonly #resource: Resource;
  readonly #temporality: AggregationTemporality;
  /** Under delta temporality what was given last; else nothing. */
  #previous: RedSnapshot | undefined;

  constructor(takeSnapshot: TakeSnapshot, resource: Resource, temporality: AggregationTemporality) {
    this.#takeSnapshot = takeSnapshot;
    this.#resource = resource;
    this.#temporality = temporality;
  }

  async collect(): Promise<CollectionResult> {
    return { resourceMetrics: { resource: this.#resource, scopeMetrics: this.collectNow() }, errors: [] };
  }

  collectNow(): RedScopeMetrics[] {
    const snapshot = this.#takeSnapshot();
    const previous = this.#previous;
    if (this.#temporality === AggregationTemporality.DELTA) this.#previous = snapshot;
    const scopeMetrics: RedScopeMetrics = {
      scope: SCOPE,
      red: snapshot,
      // built when asked for: the Prometheus endpoint renders the snapshot itself
      get metrics() {
        return new Points(snapshot, previous).metrics(temporality);
      },
    };
    const temporality = this.#temporality;
    return [scopeMetrics];
  }
}

/** The data points of one collection. */
class Points {
  readonly #now: RedSnapshot;
  /** Under delta temporality what was given before; else nothing. */
  readonly #before: RedSnapshot | undefined;
  readonly #startTime: HrTime;
  readonly #endTime: HrTime;

  constructor(now: RedSnapshot, before: RedSnapshot | undefined) {
    this.#now = now;
    this.#before = before;
    this.#startTime = millisToHrTime(before?.takenAtMs ?? now.startedAtMs);
    this.#endTime = millisToHrTime(now.takenAtMs);
  }

  metrics(temporality: AggregationTemporality): MetricData[] {
    const { active, aborted, parserErrors, excluded, overflow, pathSource, labelSets } = FAMILIES;
    const now = this.#now;
    const sum = (descriptor: MetricDescriptor, dataPoints: DataPoint<number>[]): MetricData => ({
      descriptor,
      dataPoints,
      dataPointType: DataPointType.SUM,
      isMonotonic: true,
      aggregationTemporality: temporality,
    });
    const gauge = (descriptor: MetricDescriptor, dataPoints: DataPoint<number>[]): MetricData => ({
      descriptor,
      dataPoints,
      dataPointType: DataPointType.GAUGE,
      aggregationTemporality: temporality,
    });
    const bySource = this.#bySource();
    const metrics: MetricData[] = [
      ...derivedFamilies(FAMILIES, isErrorStatus, this.#histograms(), temporality),
      gauge(
        active,
        now.operations
          .slice(0, now.active.length)
          .map((operation, index) => this.#point(operation.attributes, now.active[index] as number)),
      ),
      sum(aborted, this.#aborted()),
      sum(parserErrors, this.#parserErrors()),
      sum(excluded, [this.#point({}, now.excluded - (this.#before?.excluded ?? 0))]),
      sum(overflow, [this.#point({}, bySource.other)]),
      sum(
        pathSource,
        PATH_SOURCES.map((source) => this.#point({ [LABEL_SOURCE]: source }, bySource[source])),
      ),
      gauge(labelSets, [this.#point({}, now.spent)]),
    ];
    return metrics.filter((metric) => metric.dataPoints.length > 0);
  }

  /** Those that have something to report: under delta temporality only what has changed. */
  #histograms(): DataPoint<Histogram>[] {
    const result: DataPoint<Histogram>[] = [];
    for (let index = 0; index < this.#now.count; index++) {
      const labelSet = this.#now.labelSets[index] as LabelSet;
      if (this.#before === undefined || this.#count(index) > 0) result.push(this.#histogram(labelSet));
    }
    return result;
  }

  #count(index: number): number {
    const before = this.#before !== undefined && index < this.#before.count ? requestCount(this.#before, index) : 0;
    return requestCount(this.#now, index) - before;
  }

  #point<T>(attributes: LabelSet["attributes"], value: T): DataPoint<T> {
    return { attributes, value, startTime: this.#startTime, endTime: this.#endTime };
  }

  #histogram({ index, attributes }: LabelSet): DataPoint<Histogram> {
    const { boundaries, values } = this.#now;
    const start = index * stride(boundaries);
    const end = start + bucketCount(boundaries);
    const before = this.#before !== undefined && index < this.#before.count ? this.#before.values : undefined;
    const value = (at: number) => (values[at] as number) - (before === undefined ? 0 : (before[at] as number));
    const counts = Array.from({ length: end - start }, (_, bucket) => value(start + bucket));
    const buckets = { boundaries: [...boundaries], counts };
    return this.#point(attributes, { buckets, count: this.#count(index), sum: value(end) });
  }

  #aborted(): DataPoint<number>[] {
    const { operations, aborted } = this.#now;
    const points: DataPoint<number>[] = [];
    for (const [index, count] of aborted.entries()) {
      const change = count - (this.#before?.aborted[index] ?? 0);
      if (change > 0)
        points.push(this.#point((operations[index] as RedSnapshot["operations"][number]).attributes, change));
    }
    return points;
  }

  #parserErrors(): DataPoint<number>[] {
    const before = this.#before?.parserErrors ?? [];
    return this.#now.parserErrors
      .map(({ attributes, count }, index) => this.#point(attributes, count - (before[index]?.count ?? 0)))
      .filter(({ value }) => value > 0);
  }

  #bySource(): Readonly<Record<PathSource, number>> {
    const now = requestsBySource(this.#now);
    if (this.#before === undefined) return now;
    const before = requestsBySource(this.#before);
    return {
      template: now.template - before.template,
      normalized: now.normalized - before.normalized,
      unmatched: now.unmatched - before.unmatched,
      other: now.other - before.other,
    };
  }
}
