/**
 * Metrics as Prometheus reads them: the text format 0.0.4 and OpenMetrics 1.0.
 *
 * RED is rendered from its snapshot, without data points in between. What a series is called is put together once
 * and kept with its attributes, of which each series has one object for good; a scrape then only adds the numbers.
 */
import type { Attributes } from "@opentelemetry/api";
import type { MetricDescriptor, ResourceMetrics } from "@opentelemetry/sdk-metrics";
import type { LabelSet, Place } from "../../view/label-sets.ts";
import { isRed } from "../../view/producer.ts";
import { FAMILIES } from "../../view/red.ts";
import { bucketCount, type RedSnapshot, requestCount, stride } from "../../view/snapshot.ts";
import { collectFamilies, familyLines, type OnLeftOut } from "./families.ts";
import type { ExpositionFormat } from "./format.ts";
import { labelText, toLabels } from "./labels.ts";
import { head, pieces, sample } from "./lines.ts";
import { type FamilyType, sampleNames, TOTAL, withoutTotal } from "./names.ts";

/** What the instruments of others may not be called: a family is there once. */
const OWN_NAMES: ReadonlySet<string> = new Set([
  "target",
  "target_info",
  ...Object.values(FAMILIES).flatMap(({ name }) => (name.endsWith(TOTAL) ? [name, ...withoutTotal(name)] : [name])),
  ...sampleNames(FAMILIES.duration.name, "histogram"),
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
  yield targetInfo(resource.attributes as Attributes, format);
  for (const scope of scopeMetrics) {
    if (isRed(scope)) yield* redFamilies(scope.red, format);
  }
  const others = scopeMetrics.filter((scope) => !isRed(scope));
  for (const family of collectFamilies(others, OWN_NAMES, onLeftOut)) yield* familyLines(family, format, onLeftOut);
  yield single(FAMILIES.scrapeDuration, "gauge", elapsedSeconds(), format);
  if (format === "openmetrics") yield "# EOF\n";
}

function* redFamilies(red: RedSnapshot, format: ExpositionFormat): Generator<string> {
  let overflow = 0;
  yield head(FAMILIES.requests, "counter", format);
  yield* pieces(red.count, 1, (index) => {
    const { attributes, place } = red.labelSets[index] as LabelSet;
    const count = requestCount(red, index);
    if (place.path.source === "other") overflow += count;
    return sample(FAMILIES.requests.name, labelText(attributes), count);
  });
  yield head(FAMILIES.errors, "counter", format);
  yield* pieces(red.count, 1, (index) => {
    const { isError, attributes } = red.labelSets[index] as LabelSet;
    return isError ? sample(FAMILIES.errors.name, labelText(attributes), requestCount(red, index)) : "";
  });
  yield head(FAMILIES.duration, "histogram", format);
  const bounds = [...red.boundaries.map(String), "+Inf"].map((bound) => `,le="${bound}"} `);
  yield* pieces(red.count, bounds.length + 2, (index) => histogram(FAMILIES.duration.name, red, index, bounds));
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
  yield single(FAMILIES.excluded, "counter", red.excluded, format);
  yield single(FAMILIES.overflow, "counter", overflow, format);
  yield single(FAMILIES.labelSets, "gauge", red.spent, format);
}

/** The hottest of a scrape: a dozen lines for each label set. */
function histogram(name: string, red: RedSnapshot, index: number, bounds: readonly string[]): string {
  const labels = labelText((red.labelSets[index] as LabelSet).attributes);
  const start = index * stride(red.boundaries);
  let text = "";
  let cumulated = 0;
  for (let bucket = 0; bucket < bounds.length; bucket++) {
    cumulated += red.values[start + bucket] as number;
    text += `${name}_bucket{${labels}${bounds[bucket]}${cumulated}\n`;
  }
  return `${text}${name}_sum{${labels}} ${red.values[start + bucketCount(red.boundaries)]}\n${name}_count{${labels}} ${cumulated}\n`;
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
