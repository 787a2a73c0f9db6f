/** Data points as the SDK's metric data, by kind of family. */
import {
  type AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
  type MetricDescriptor,
} from "@opentelemetry/sdk-metrics";

export function numberData(
  descriptor: MetricDescriptor,
  kind: "counter" | "gauge",
  dataPoints: DataPoint<number>[],
  aggregationTemporality: AggregationTemporality,
): MetricData {
  return kind === "counter"
    ? { descriptor, dataPoints, dataPointType: DataPointType.SUM, isMonotonic: true, aggregationTemporality }
    : { descriptor, dataPoints, dataPointType: DataPointType.GAUGE, aggregationTemporality };
}

export function histogramData(
  descriptor: MetricDescriptor,
  dataPoints: DataPoint<Histogram>[],
  aggregationTemporality: AggregationTemporality,
): MetricData {
  return { descriptor, dataPoints, dataPointType: DataPointType.HISTOGRAM, aggregationTemporality };
}
