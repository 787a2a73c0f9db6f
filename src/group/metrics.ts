/**
 * Metrics other than RED, as members send them: outgoing requests, the application's instruments, those of the process.
 */
import type { Attributes } from "@opentelemetry/api";
import {
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
  type MetricDescriptor,
  type ScopeMetrics,
} from "@opentelemetry/sdk-metrics";
import { SCOPE } from "../view/scope.ts";

/** A histogram without what no exposition shows. Its boundaries are in the metric. */
export interface HistogramValue {
  readonly counts: readonly number[];
  readonly count: number;
  readonly sum?: number | undefined;
}

/** JSON has neither infinities nor NaN: those are texts. */
export type NumberValue = number | "NaN" | "Infinity" | "-Infinity";

interface Point {
  /** Its attributes: pairs as JSON, in the order of their names. */
  readonly key: string;
  readonly value: NumberValue | HistogramValue;
}

export interface Metric {
  readonly scope: ScopeMetrics["scope"];
  readonly descriptor: MetricDescriptor;
  readonly kind: "counter" | "up-down-counter" | "gauge" | "histogram";
  /** Of a histogram, in its unit; else empty. */
  readonly boundaries: readonly number[];
  readonly points: readonly Point[];
}

/** Names of the metrics of a process and its runtime: those of each worker are shown by themselves. */
const OF_A_PROCESS = /^process_/;
const OF_A_WORKER = /^(?:process|nodejs)_/;

/** Whether the values of members are shown side by side, not as a sum. */
export function isToldApart({ kind, scope, descriptor }: Metric): boolean {
  return kind === "gauge" || (scope.name === SCOPE.name && OF_A_WORKER.test(descriptor.name));
}

/** Whether what a member has told is gone with it. What it has added to an up-down counter is open no more. */
function endsWithMember(metric: Metric): boolean {
  return metric.kind === "up-down-counter" || isToldApart(metric);
}

/** Those that are summed whether the member is there or not. */
export function lasting(metrics: ReadonlyMap<string, Metric>): Map<string, Metric> {
  return new Map([...metrics].filter(([, metric]) => !endsWithMember(metric)));
}

/** Whether all threads of a process would tell the same. */
export function isOfProcess({ scope, descriptor }: Metric): boolean {
  return scope.name === SCOPE.name && OF_A_PROCESS.test(descriptor.name);
}

/** By keys that are the same in all members. What no exposition shows is left out. */
export function metricsOf(scopes: readonly ScopeMetrics[]): Map<string, Metric> {
  const metrics = new Map<string, Metric>();
  for (const { scope, metrics: data } of scopes) {
    for (const each of data) {
      const metric = metricOf(scope, each);
      if (metric !== undefined) metrics.set(keyOf(metric), metric);
    }
  }
  return metrics;
}

function keyOf({ scope, descriptor, kind, boundaries }: Metric): string {
  const { name, version, schemaUrl } = scope;
  return JSON.stringify([name, version, schemaUrl, descriptor.name, descriptor.unit, kind, boundaries]);
}

function metricOf(scope: ScopeMetrics["scope"], data: MetricData): Metric | undefined {
  const { name, description, unit, valueType } = data.descriptor;
  const common = {
    scope: { name: scope.name, version: scope.version ?? "", schemaUrl: scope.schemaUrl ?? "" },
    descriptor: { name, description, unit, valueType },
    boundaries: [],
  };
  switch (data.dataPointType) {
    case DataPointType.SUM:
      return { ...common, kind: data.isMonotonic ? "counter" : "up-down-counter", points: numbers(data.dataPoints) };
    case DataPointType.GAUGE:
      return { ...common, kind: "gauge", points: numbers(data.dataPoints) };
    case DataPointType.HISTOGRAM: {
      const boundaries = data.dataPoints[0]?.value.buckets.boundaries ?? [];
      const points = data.dataPoints.map(({ attributes, value }) => ({
        key: pointKey(attributes),
        value: slim(value),
      }));
      return { ...common, kind: "histogram", boundaries, points };
    }
    default:
      return undefined;
  }
}

function numbers(points: readonly DataPoint<number>[]): Point[] {
  return points.map(({ attributes, value }) => ({ key: pointKey(attributes), value: toNumberValue(value) }));
}

export function toNumberValue(value: number): NumberValue {
  return Number.isFinite(value) ? value : (String(value) as NumberValue);
}

function slim({ buckets, count, sum }: Histogram): HistogramValue {
  return { counts: buckets.counts, count, sum };
}

const keys = new WeakMap<Attributes, string>();

/** The SDK gives the same object at each collection. */
function pointKey(attributes: Attributes): string {
  let key = keys.get(attributes);
  if (key === undefined) {
    key = JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
    keys.set(attributes, key);
  }
  return key;
}

/** A new object each time. Empty where the key is none. */
export function attributesOf(key: string): Attributes {
  try {
    return Object.fromEntries(JSON.parse(key) as [string, Attributes[string]][]);
  } catch {
    return {};
  }
}

const KINDS: readonly string[] = ["counter", "up-down-counter", "gauge", "histogram"] satisfies Metric["kind"][];

/** @throws where a peer has sent something else */
export function checkedMetric(metric: Metric): Metric {
  const { scope, descriptor, kind, boundaries, points } = metric;
  const texts = [scope.name, scope.version, scope.schemaUrl, descriptor.name, descriptor.description, descriptor.unit];
  const isSound =
    texts.every((text) => typeof text === "string") &&
    KINDS.includes(kind) &&
    Array.isArray(boundaries) &&
    points.every(({ key, value }) => typeof key === "string" && isValue(value, kind));
  if (!isSound) throw new TypeError("not a metric");
  return metric;
}

function isValue(value: Point["value"], kind: Metric["kind"]): boolean {
  if (kind !== "histogram") return typeof value === "number" || (typeof value === "string" && value in NOT_FINITE);
  if (typeof value !== "object") return false;
  const { counts, count, sum = 0 } = value;
  return [count, sum, ...counts].every((each) => typeof each === "number");
}

const NOT_FINITE = { NaN: 0, Infinity: 0, "-Infinity": 0 };
