/**
 * Instruments other than RED's, the application's own among them, as Prometheus's families.
 *
 * A family is there once and its series differ, or Prometheus refuses the whole scrape, RED included. So what would
 * break that rule is left out, and said.
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#otlp-metric-points-to-prometheus
 */
import type { Attributes } from "@opentelemetry/api";
import {
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
  type ScopeMetrics,
} from "@opentelemetry/sdk-metrics";
import { SCOPE } from "../../scope.ts";
import type { ExpositionFormat } from "./format.ts";
import { labelText, toLabels } from "./labels.ts";
import { head, numberText, pieces, sample } from "./lines.ts";
import { type FamilyType, metricName } from "./names.ts";

/** Takes what is left out of the exposition, and why; the same text each time. */
export type OnLeftOut = (why: string) => void;

interface Instrument {
  readonly metric: MetricData;
  /** The labels of its scope, as text; empty for our own. */
  readonly scopeLabels: string;
}

export interface Family {
  /** With Prometheus. */
  readonly name: string;
  readonly type: FamilyType;
  description: string;
  unit: string;
  readonly instruments: Instrument[];
}

/** @param taken names that are given away already */
export function collectFamilies(
  scopes: readonly ScopeMetrics[],
  taken: ReadonlySet<string>,
  onLeftOut: OnLeftOut,
): Family[] {
  const families = new Map<string, Family>();
  for (const { scope, metrics } of scopes) {
    const scopeLabels = scope.name === SCOPE.name ? "" : labelText(scopeAttributes(scope));
    for (const metric of metrics) {
      if (metric.dataPoints.length === 0) continue;
      const { descriptor } = metric;
      const leaveOut = (why: string) => onLeftOut(`the instrument ${descriptor.name} is not on /metrics: ${why}`);
      const type = typeOf(metric);
      if (type === undefined) {
        leaveOut("Prometheus's text formats have no exponential histograms; OTLP has");
        continue;
      }
      const name = metricName(descriptor, type);
      if (name === undefined) {
        leaveOut("its name has no letter or digit");
      } else if (taken.has(name)) {
        leaveOut(`otel-red has a metric of the name ${name} already`);
      } else {
        const { description, unit } = descriptor;
        const family = families.get(name) ?? { name, type, description, unit, instruments: [] };
        families.set(name, family);
        if (family.type !== type) {
          leaveOut(`another instrument makes ${name} a ${family.type}, this one a ${type}`);
          continue;
        }
        family.description ||= description;
        family.unit ||= unit;
        family.instruments.push({ metric, scopeLabels });
      }
    }
  }
  return [...families.values()];
}

/** Undefined for what neither format has. */
function typeOf(metric: MetricData): FamilyType | undefined {
  switch (metric.dataPointType) {
    case DataPointType.SUM:
      return metric.isMonotonic ? "counter" : "gauge";
    case DataPointType.GAUGE:
      return "gauge";
    case DataPointType.HISTOGRAM:
      return "histogram";
    default:
      return undefined;
  }
}

/** https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#instrumentation-scope-1 */
function scopeAttributes({ name, version, schemaUrl }: ScopeMetrics["scope"]): Attributes {
  return {
    otel_scope_name: name,
    ...(version && { otel_scope_version: version }),
    ...(schemaUrl && { otel_scope_schema_url: schemaUrl }),
  };
}

export function* familyLines(family: Family, format: ExpositionFormat, onLeftOut: OnLeftOut): Generator<string> {
  const { name, type, instruments } = family;
  yield head(family, type, format);
  const shown = new Set<string>();
  for (const { metric, scopeLabels } of instruments) {
    const { dataPoints, dataPointType } = metric;
    const linesEach = dataPointType === DataPointType.HISTOGRAM ? 20 : 1;
    yield* pieces(dataPoints.length, linesEach, (index) => {
      const point = dataPoints[index] as DataPoint<unknown>;
      const labels = seriesLabels(point.attributes, scopeLabels);
      if (shown.has(labels)) {
        onLeftOut(`a series of ${name} is not on /metrics: another one has the same labels`);
        return "";
      }
      shown.add(labels);
      return dataPointType === DataPointType.HISTOGRAM
        ? histogram(name, labels, point.value as Histogram, format)
        : sample(name, labels, point.value as number);
    });
  }
}

const texts = new WeakMap<Attributes, string>();

function seriesLabels(attributes: Attributes, scopeLabels: string): string {
  let text = texts.get(attributes);
  if (text === undefined) {
    const { le, ...labels } = toLabels(attributes);
    // Prometheus's own label of buckets; what it does itself with a label that is taken
    text = labelText(le === undefined ? labels : { ...labels, exported_le: le });
    texts.set(attributes, text);
  }
  if (text === "" || scopeLabels === "") return text + scopeLabels;
  return `${text},${scopeLabels}`;
}

function histogram(
  name: string,
  labels: string,
  { buckets: { boundaries, counts }, count, sum }: Histogram,
  format: ExpositionFormat,
): string {
  const separator = labels === "" ? "" : ",";
  let text = "";
  let cumulated = 0;
  for (const [bucket, boundary] of boundaries.entries()) {
    if (!Number.isFinite(boundary)) continue;
    cumulated += counts[bucket] as number;
    text += sample(`${name}_bucket`, `${labels}${separator}le="${numberText(boundary)}"`, cumulated);
  }
  text += sample(`${name}_bucket`, `${labels}${separator}le="+Inf"`, count);
  if (sum !== undefined) return text + sample(`${name}_sum`, labels, sum) + sample(`${name}_count`, labels, count);
  // OpenMetrics wants both or neither
  return format === "text" ? text + sample(`${name}_count`, labels, count) : text;
}
