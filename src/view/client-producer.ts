/**
 * The metrics of outgoing requests for one metric reader: what the SDK has aggregated since the start, or the change
 * since the reader's last collection. The two counters are read off the histogram, so that the three cannot disagree.
 */
import type { Resource } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  type CollectionResult,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
  type MetricReader,
  type ScopeMetrics,
} from "@opentelemetry/sdk-metrics";
import { collectNow } from "./collect-now.ts";
import { histogramData, numberData } from "./metric-data.ts";
import type { InstrumentProducer } from "./producer.ts";
import { CLIENT_FAMILIES, isFailedCall, LABEL_STATUS_CODE } from "./red.ts";
import { SCOPE } from "./scope.ts";

type Point = DataPoint<Histogram>;

export class ClientProducer implements InstrumentProducer {
  readonly #reader: MetricReader;
  readonly #resource: Resource;
  readonly #temporality: AggregationTemporality;
  /** Under delta temporality what was there last, by its labels; else nothing. */
  #previous = new Map<string, Point>();

  /** @param reader cumulative; shared by all producers */
  constructor(reader: MetricReader, resource: Resource, temporality: AggregationTemporality) {
    this.#reader = reader;
    this.#resource = resource;
    this.#temporality = temporality;
  }

  async collect(): Promise<CollectionResult> {
    return { resourceMetrics: { resource: this.#resource, scopeMetrics: this.collectNow() }, errors: [] };
  }

  collectRecorded(): ScopeMetrics[] {
    return this.collectNow();
  }

  collectNow(): ScopeMetrics[] {
    const collected = collectNow(this.#reader)
      .flatMap((scope) => scope.metrics)
      .find((metric) => metric.descriptor.name === CLIENT_FAMILIES.duration.name);
    const all = collected?.dataPointType === DataPointType.HISTOGRAM ? collected.dataPoints : [];
    const points = this.#temporality === AggregationTemporality.DELTA ? this.#changes(all) : all;
    return [{ scope: SCOPE, metrics: families(points, this.#temporality) }];
  }

  #changes(points: readonly Point[]): Point[] {
    const previous = this.#previous;
    this.#previous = new Map(points.map((point) => [JSON.stringify(point.attributes), point]));
    const changes: Point[] = [];
    for (const [labels, point] of this.#previous) {
      const before = previous.get(labels);
      if (before === undefined) changes.push(point);
      else if (point.value.count > before.value.count) changes.push(difference(point, before));
    }
    return changes;
  }
}

/** Without the families that have no series. */
function families(points: Point[], temporality: AggregationTemporality): MetricData[] {
  const counts = points.map(({ value, ...point }) => ({ ...point, value: value.count }));
  const failed = counts.filter(({ attributes }) => isFailedCall(Number(attributes[LABEL_STATUS_CODE])));
  return [
    numberData(CLIENT_FAMILIES.requests, "counter", counts, temporality),
    numberData(CLIENT_FAMILIES.errors, "counter", failed, temporality),
    histogramData(CLIENT_FAMILIES.duration, points, temporality),
  ].filter(({ dataPoints }) => dataPoints.length > 0);
}

function difference(point: Point, before: Point): Point {
  const { boundaries, counts } = point.value.buckets;
  return {
    attributes: point.attributes,
    startTime: before.endTime,
    endTime: point.endTime,
    value: {
      buckets: {
        boundaries,
        counts: counts.map((count, bucket) => count - (before.value.buckets.counts[bucket] as number)),
      },
      count: point.value.count - before.value.count,
      sum: (point.value.sum ?? 0) - (before.value.sum ?? 0),
    },
  };
}
