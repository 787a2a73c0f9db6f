/**
 * The two counters of a RED family, read off its histogram: requests, and those of them that are errors. Nothing counts
 * them a second time, so the three cannot disagree.
 */
import {
  type DataPoint,
  DataPointType,
  type Histogram,
  type HistogramMetricData,
  type MetricData,
  type MetricDescriptor,
} from "@opentelemetry/sdk-metrics";
import { LABEL_STATUS_CODE } from "./red.ts";

/** What a family is called. */
export interface DurationFamilies {
  readonly duration: MetricDescriptor;
  readonly requests: MetricDescriptor;
  readonly errors: MetricDescriptor;
}

/**
 * @param points with the RED labels
 * @returns requests, errors and the histogram itself
 */
export function derivedFamilies(
  { duration, requests, errors }: DurationFamilies,
  isError: (status: number) => boolean,
  points: DataPoint<Histogram>[],
  aggregationTemporality: HistogramMetricData["aggregationTemporality"],
): MetricData[] {
  const counts = points.map(({ attributes, startTime, endTime, value }) => ({
    attributes,
    startTime,
    endTime,
    value: value.count,
  }));
  const sum = (descriptor: MetricDescriptor, dataPoints: DataPoint<number>[]): MetricData => ({
    descriptor,
    dataPoints,
    dataPointType: DataPointType.SUM,
    isMonotonic: true,
    aggregationTemporality,
  });
  return [
    sum(requests, counts),
    sum(
      errors,
      counts.filter(({ attributes }) => isError(Number(attributes[LABEL_STATUS_CODE]))),
    ),
    { descriptor: duration, dataPoints: points, dataPointType: DataPointType.HISTOGRAM, aggregationTemporality },
  ];
}
