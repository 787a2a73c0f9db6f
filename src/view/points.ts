/**
 * The table of families as the SDK's data points: as counted since the start, or as the change since another snapshot.
 */
import type { HrTime } from "@opentelemetry/api";
import { millisToHrTime } from "@opentelemetry/core";
import type { AggregationTemporality, DataPoint, Histogram, MetricData } from "@opentelemetry/sdk-metrics";
import { type HistogramFamily, type Labelled, type NumberFamily, RED_FAMILIES, type RedFamily } from "./families.ts";
import { histogramData, numberData } from "./metric-data.ts";
import type { RedSnapshot } from "./snapshot.ts";

/** The data points of one collection. */
export class RedPoints {
  readonly #now: RedSnapshot;
  /** Under delta temporality the snapshot of the collection before; else nothing. */
  readonly #before: RedSnapshot | undefined;
  readonly #startTime: HrTime;
  readonly #endTime: HrTime;

  constructor(now: RedSnapshot, before: RedSnapshot | undefined) {
    this.#now = now;
    this.#before = before;
    this.#startTime = millisToHrTime(before?.takenAtMs ?? now.startedAtMs);
    this.#endTime = millisToHrTime(now.takenAtMs);
  }

  /** In the order of the table, without the families that have no series. */
  metrics(temporality: AggregationTemporality): MetricData[] {
    return RED_FAMILIES.map((family) =>
      family.kind === "histogram"
        ? histogramData(family.descriptor, this.#histograms(family), temporality)
        : numberData(family.descriptor, family.kind, this.#numbers(family), temporality),
    ).filter(({ dataPoints }) => dataPoints.length > 0);
  }

  #numbers(family: NumberFamily): DataPoint<number>[] {
    return this.#points(family, (_, value) => value);
  }

  #histograms(family: HistogramFamily): DataPoint<Histogram>[] {
    const now = family.histograms(this.#now);
    const before = this.#before && family.histograms(this.#before);
    return this.#points(family, (index, count) => {
      const earlier = before !== undefined && index < before.length ? before : undefined;
      const counts: number[] = [];
      // a loop: with many label sets, `Array.from` takes longer than all the rest of a collection
      for (let bucket = 0; bucket < now.bucketCount; bucket++)
        counts.push(now.inBucket(index, bucket) - (earlier?.inBucket(index, bucket) ?? 0));
      // a copy: the SDK's type lets a reader change it
      return {
        buckets: { boundaries: [...now.boundaries], counts },
        count,
        sum: now.sum(index) - (earlier?.sum(index) ?? 0),
      };
    });
  }

  /** Subtracts what was counted before; a gauge is what it is. */
  #points<T>(family: RedFamily, toValue: (index: number, value: number) => T): DataPoint<T>[] {
    const now = this.#now;
    const before = family.kind === "gauge" ? undefined : this.#before;
    const { series } = family;
    const labelled = series.of(now);
    const valueAt = family.values(now);
    const valueBefore = before && family.values(before);
    const sizeBefore = before === undefined ? 0 : series.size(before);
    const points: DataPoint<T>[] = [];
    for (let index = 0; index < series.size(now); index++) {
      if (family.isShown?.(now, index) === false) continue;
      const value = valueAt(index) - (valueBefore !== undefined && index < sizeBefore ? valueBefore(index) : 0);
      if (before !== undefined && series.grows && value === 0) continue;
      const { attributes } = labelled[index] as Labelled;
      points.push({ attributes, value: toValue(index, value), startTime: this.#startTime, endTime: this.#endTime });
    }
    return points;
  }
}
