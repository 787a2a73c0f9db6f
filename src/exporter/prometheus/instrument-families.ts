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
import { SCOPE } from "../../view/scope.ts";
import type { ExpositionFormat } from "./format.ts";
import { LABEL_BUCKET, labelText, SCOPE_LABELS, toLabels } from "./labels.ts";
import { head, numberText, sample } from "./lines.ts";
import { EXPORTED, type FamilyType, isWrittenByPrometheus, metricName, sampleNames, withoutTotal } from "./names.ts";
import { type Page, writeSeries } from "./page.ts";

/** Takes what the exposition leaves out or renames, and why; the same text each time. */
export type OnOtherwise = (why: string) => void;

interface Instrument {
  readonly metric: MetricData;
  /** The labels of its scope, as text; empty for our own. */
  readonly scopeLabels: string;
}

export interface InstrumentFamily {
  /** With Prometheus. */
  readonly name: string;
  readonly type: FamilyType;
  description: string;
  unit: string;
  readonly instruments: Instrument[];
  /** A counter that OpenMetrics would call as another family is called; it has no type there, and keeps its name. */
  isUntypedInOpenMetrics: boolean;
}

/** @param taken names of samples and families that are given away already */
export function collectFamilies(
  scopes: readonly ScopeMetrics[],
  taken: ReadonlySet<string>,
  onOtherwise: OnOtherwise,
): InstrumentFamily[] {
  const families = new Map<string, InstrumentFamily>();
  const holders = new Map<string, string>();
  for (const { scope, metrics } of scopes) {
    const scopeLabels = scope.name === SCOPE.name ? "" : labelText(scopeAttributes(scope));
    for (const metric of metrics) {
      if (metric.dataPoints.length === 0) continue;
      const { descriptor } = metric;
      const leaveOut = (why: string) => onOtherwise(`the instrument ${descriptor.name} is not on /metrics: ${why}`);
      const type = typeOf(metric);
      if (type === undefined) {
        leaveOut("Prometheus's text formats have no exponential histograms; OTLP has");
        continue;
      }
      const ownName = metricName(descriptor, type);
      if (ownName === undefined) {
        leaveOut("its name has no letter or digit");
        continue;
      }
      const name = isWrittenByPrometheus(ownName) ? EXPORTED + ownName : ownName;
      if (name !== ownName)
        onOtherwise(
          `the instrument ${descriptor.name} is shown as ${name} on /metrics: Prometheus itself writes ${ownName}. ` +
            "Give the instrument another name",
        );
      const family = families.get(name);
      if (family === undefined) {
        const names = sampleNames(name, type);
        const rival = names.map((each) => (taken.has(each) ? "otel-red" : holders.get(each))).find(Boolean);
        if (rival !== undefined) {
          leaveOut(`${rival} has a metric, or samples of one, of the name ${name} already`);
          continue;
        }
        for (const each of names) holders.set(each, `the instrument ${descriptor.name}`);
        const { description, unit } = descriptor;
        const instruments = [{ metric, scopeLabels }];
        families.set(name, { name, type, description, unit, instruments, isUntypedInOpenMetrics: false });
      } else if (family.type === type) {
        family.description ||= descriptor.description;
        family.unit ||= descriptor.unit;
        family.instruments.push({ metric, scopeLabels });
      } else {
        leaveOut(`another instrument makes ${name} a ${family.type}, this one a ${type}`);
      }
    }
  }
  for (const family of families.values()) {
    if (family.type !== "counter") continue;
    family.isUntypedInOpenMetrics = withoutTotal(family.name).some((name) => taken.has(name) || holders.has(name));
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
    [SCOPE_LABELS.name]: name,
    ...(version && { [SCOPE_LABELS.version]: version }),
    ...(schemaUrl && { [SCOPE_LABELS.schemaUrl]: schemaUrl }),
  };
}

/** The family's lines; none where nothing of it can be shown. */
export function* familyLines(
  page: Page,
  family: InstrumentFamily,
  format: ExpositionFormat,
  onOtherwise: OnOtherwise,
): Generator<Uint8Array> {
  const isUntyped = format === "openmetrics" && family.isUntypedInOpenMetrics;
  const shown = new Set<string>();
  for (const { metric, scopeLabels } of family.instruments) {
    const { dataPoints } = metric;
    yield* writeSeries(page, dataPoints.length, (index) => {
      const { attributes, value } = dataPoints[index] as DataPoint<number | Histogram>;
      const labels = seriesLabels(attributes, scopeLabels);
      const whyNot = reasonToLeaveOut(family, labels, value, shown);
      if (whyNot !== undefined) {
        onOtherwise(`a series of ${family.name} is not on /metrics: ${whyNot}`);
        return;
      }
      if (shown.size === 0) page.text(head(family, isUntyped ? "unknown" : family.type, format));
      shown.add(labels);
      page.text(
        typeof value === "number" ? sample(family.name, labels, value) : histogram(family.name, labels, value, format),
      );
    });
  }
}

function reasonToLeaveOut(
  { type }: InstrumentFamily,
  labels: string,
  value: number | Histogram,
  shown: ReadonlySet<string>,
): string | undefined {
  if (shown.has(labels)) return "another one has the same labels";
  if (type === "counter" && !((value as number) >= 0)) return `a counter cannot be ${value}`;
  return undefined;
}

const texts = new WeakMap<Attributes, string>();

function seriesLabels(attributes: Attributes, scopeLabels: string): string {
  let text = texts.get(attributes);
  if (text === undefined) {
    // to Prometheus, an empty label is none: series that differ in nothing else are one
    text = labelText(Object.fromEntries(Object.entries(toLabels(attributes)).filter(([, value]) => value !== "")));
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
  const bucket = (bound: string, cumulated: number) =>
    sample(`${name}_bucket`, `${labels}${separator}${LABEL_BUCKET}="${bound}"`, cumulated);
  let text = "";
  let cumulated = 0;
  for (const [index, boundary] of boundaries.entries()) {
    cumulated += counts[index] as number;
    // the application's own boundaries may be infinite, or there twice: the last of them has counted all
    if (Number.isFinite(boundary) && boundary !== boundaries[index + 1])
      text += bucket(numberText(boundary), cumulated);
  }
  text += bucket("+Inf", count);
  const counted = sample(`${name}_count`, labels, count);
  if (sum !== undefined && sum >= 0) return text + sample(`${name}_sum`, labels, sum) + counted;
  // OpenMetrics wants both or neither
  return format === "text" ? text + counted : text;
}
