/**
 * Metrics as Prometheus reads them: the text format 0.0.4 and OpenMetrics 1.0.
 *
 * RED is rendered from its snapshot, without data points in between. What a series is called is put together once
 * and kept with its attributes, of which each series has one object for good; a scrape then only adds the numbers.
 */
import type { Attributes } from "@opentelemetry/api";
import type { MetricDescriptor, ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { type Exemplar, type LabelSet, PATH_SOURCES, type PathSource, type Place } from "../../view/label-sets.ts";
import { isRed } from "../../view/producer.ts";
import { FAMILIES, LABEL_SOURCE } from "../../view/red.ts";
import { bucketCount, type RedSnapshot, requestCount, stride } from "../../view/snapshot.ts";
import { settledAttributes } from "../resource.ts";
import { collectFamilies, familyLines, type OnLeftOut } from "./families.ts";
import type { ExpositionFormat } from "./format.ts";
import { labelText, toLabels } from "./labels.ts";
import { head, pieces, sample } from "./lines.ts";
import type { FamilyType } from "./names.ts";

/** What the instruments of others may not be called: a family is there once. */
const OWN_NAMES: ReadonlySet<string> = new Set([
  "target_info",
  ...Object.values(FAMILIES).map((family) => family.name),
]);

/**
 * Yields the exposition in pieces of some lines each, so that who writes them can let the event loop go on in between.
 *
 * @param elapsedSeconds since this scrape began, asked for at the end of it
 * @param onLeftOut takes what of the application's instruments cannot be shown, and why
 */
export function* exposition(
  { resource, scopeMetrics }: ResourceMetrics,
  format: ExpositionFormat,
  elapsedSeconds: () => number,
  onLeftOut: OnLeftOut,
): Generator<string> {
  yield targetInfo(settledAttributes(resource), format);
  for (const scope of scopeMetrics) {
    if (isRed(scope)) yield* redFamilies(scope.red, format);
  }
  const others = scopeMetrics.filter((scope) => !isRed(scope));
  for (const family of collectFamilies(others, OWN_NAMES, onLeftOut)) yield* familyLines(family, format, onLeftOut);
  yield single(FAMILIES.scrapeDuration, "gauge", elapsedSeconds(), format);
  if (format === "openmetrics") yield "# EOF\n";
}

function* redFamilies(red: RedSnapshot, format: ExpositionFormat): Generator<string> {
  const bySource: Record<PathSource, number> = { template: 0, normalized: 0, unmatched: 0, other: 0 };
  yield head(FAMILIES.requests, "counter", format);
  yield* pieces(red.count, 1, (index) => {
    const { attributes, source } = red.labelSets[index] as LabelSet;
    const count = requestCount(red, index);
    bySource[source] += count;
    return sample(FAMILIES.requests.name, labelText(attributes), count);
  });
  yield head(FAMILIES.errors, "counter", format);
  yield* pieces(red.count, 1, (index) => {
    const { isError, attributes } = red.labelSets[index] as LabelSet;
    return isError ? sample(FAMILIES.errors.name, labelText(attributes), requestCount(red, index)) : "";
  });
  yield head(FAMILIES.duration, "histogram", format);
  const bounds = [...red.boundaries.map(String), "+Inf"].map((bound) => `,le="${bound}"} `);
  const exemplarOf = format === "openmetrics" ? exemplarText : noExemplar;
  yield* pieces(red.count, bounds.length + 2, (index) =>
    histogram(FAMILIES.duration.name, red, index, bounds, exemplarOf),
  );
  yield head(FAMILIES.active, "gauge", format);
  yield* pieces(red.active.length, 1, (index) =>
    sample(FAMILIES.active.name, labelText((red.places[index] as Place).attributes), red.active[index] as number),
  );
  yield head(FAMILIES.aborted, "counter", format);
  yield* pieces(red.aborted.length, 1, (index) => {
    const aborted = red.aborted[index] as number;
    const { attributes } = red.places[index] as Place;
    return aborted > 0 ? sample(FAMILIES.aborted.name, labelText(attributes), aborted) : "";
  });
  yield head(FAMILIES.parserErrors, "counter", format);
  for (const { attributes, count } of red.parserErrors)
    yield sample(FAMILIES.parserErrors.name, labelText(attributes), count);
  yield single(FAMILIES.excluded, "counter", red.excluded, format);
  yield single(FAMILIES.overflow, "counter", bySource.other, format);
  yield head(FAMILIES.pathSource, "counter", format);
  for (const { source, attributes } of SOURCES)
    yield sample(FAMILIES.pathSource.name, labelText(attributes), bySource[source]);
  yield single(FAMILIES.labelSets, "gauge", red.spent, format);
}

/** Always these objects: what is rendered from them is kept with them. */
const SOURCES = PATH_SOURCES.map((source) => ({ source, attributes: Object.freeze({ [LABEL_SOURCE]: source }) }));

/** The hottest of a scrape: a dozen lines for each label set. */
function histogram(
  name: string,
  red: RedSnapshot,
  index: number,
  bounds: readonly string[],
  exemplarOf: (exemplar: Exemplar) => string,
): string {
  const { attributes, exemplars } = red.labelSets[index] as LabelSet;
  const labels = labelText(attributes);
  const start = index * stride(red.boundaries);
  let text = "";
  let cumulated = 0;
  for (let bucket = 0; bucket < bounds.length; bucket++) {
    cumulated += red.values[start + bucket] as number;
    const exemplar = exemplars[bucket];
    const behind = exemplar === undefined ? "" : exemplarOf(exemplar);
    text += `${name}_bucket{${labels}${bounds[bucket]}${cumulated}${behind}\n`;
  }
  return `${text}${name}_sum{${labels}} ${red.values[start + bucketCount(red.boundaries)]}\n${name}_count{${labels}} ${cumulated}\n`;
}

/** https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md#exemplars-1 */
function exemplarText({ traceId, spanId, value, atMs }: Exemplar): string {
  return ` # {trace_id="${traceId}",span_id="${spanId}"} ${value} ${atMs / 1000}`;
}

/** The text format has none. */
function noExemplar(): string {
  return "";
}

/** A family of one series without labels. */
function single(descriptor: MetricDescriptor, type: FamilyType, value: number, format: ExpositionFormat): string {
  return head(descriptor, type, format) + sample(descriptor.name, "", value);
}

/** https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#resource-attributes-1 */
function targetInfo(attributes: Attributes, format: ExpositionFormat): string {
  const name = "target_info";
  const help = "Target metadata";
  const lines =
    format === "text"
      ? `# HELP ${name} ${help}\n# TYPE ${name} gauge\n`
      : `# TYPE target info\n# HELP target ${help}\n`;
  return lines + sample(name, labelText(toLabels(attributes)), 1);
}
