/**
 * What OTLP in JSON can carry. JSON has no NaN and no Infinity: they become `null`, for which a collector refuses all of the
 * request. So it does for an integer of more than 64 bits. In protobuf, over HTTP and gRPC, they are numbers like others.
 */
import { ValueType } from "@opentelemetry/api";
import type { DataPoint, Histogram, MetricData, ResourceMetrics } from "@opentelemetry/sdk-metrics";

type Point = MetricData["dataPoints"][number];

/** @param onLeftOut gets the name of each instrument that has a point which is left out */
export function finiteOnly(
  { resource, scopeMetrics }: ResourceMetrics,
  onLeftOut: (instrument: string) => void,
): ResourceMetrics {
  const finite = (metric: MetricData): MetricData => {
    const points: readonly Point[] = metric.dataPoints;
    const isInteger = metric.descriptor.valueType === ValueType.INT;
    const dataPoints = points.filter((point) => isFinitePoint(point, isInteger));
    if (dataPoints.length < points.length) onLeftOut(metric.descriptor.name);
    return { ...metric, dataPoints: dataPoints.map(withoutInfiniteExtremes) } as MetricData;
  };
  return {
    resource,
    scopeMetrics: scopeMetrics.map(({ scope, metrics }) => ({
      scope,
      metrics: metrics.map(finite).filter(({ dataPoints }) => dataPoints.length > 0),
    })),
  };
}

function isFinitePoint({ value, attributes }: Point, isInteger: boolean): boolean {
  const number = typeof value === "number" ? value : (value.sum ?? 0);
  const fits = isInteger && typeof value === "number" ? isSafe(number) : Number.isFinite(number);
  return fits && isFiniteValue(attributes);
}

const LARGEST = 2 ** 63;

/** An attribute that is an integer is sent as one. */
function isSafe(number: number): boolean {
  return Number.isFinite(number) && (!Number.isInteger(number) || Math.abs(number) < LARGEST);
}

/** Values of attributes may be arrays, and objects that hold further ones. */
function isFiniteValue(value: unknown): boolean {
  if (typeof value === "number") return isSafe(value);
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return true;
  return Object.values(value).every(isFiniteValue);
}

/** Those of a histogram in which nothing is, yet: both fields are optional. */
function withoutInfiniteExtremes(point: Point): Point {
  const { value } = point;
  if (typeof value === "number") return point;
  const { min = 0, max = 0 } = value;
  if (Number.isFinite(min) && Number.isFinite(max)) return point;
  const { min: _min, max: _max, ...others } = value;
  return { ...point, value: others } as DataPoint<Histogram>;
}
