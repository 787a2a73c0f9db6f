/**
 * Metrics as Prometheus reads them: the text format 0.0.4 and OpenMetrics 1.0.
 *
 * RED is rendered from its snapshot, without data points in between. What a series is called is put together once
 * and kept with its attributes, of which each series has one object for good; a scrape then only adds the numbers.
 */
import type { Attributes } from "@opentelemetry/api";
import type { MetricDescriptor, ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { type LabelSet, PATH_SOURCES, type PathSource, type Place } from "../../view/label-sets.ts";
import { isRed } from "../../view/producer.ts";
import { FAMILIES, LABEL_SOURCE } from "../../view/red.ts";
import { bucketCount, type RedSnapshot, requestCount, stride } from "../../view/snapshot.ts";
import type { ExpositionFormat } from "./format.ts";
import { escapeHelp, escapeLabelValue, labelText, targetLabels } from "./labels.ts";

type FamilyType = "counter" | "gauge" | "histogram";

const TOTAL = "_total";
/** OpenMetrics wants the unit as the last part of the name, spelled out. */
const UNITS: Readonly<Record<string, string>> = { s: "seconds" };

/**
 * Yields the exposition in pieces of some lines each, so that who writes them can let the event loop go on in between.
 *
 * @param elapsedSeconds since this scrape began, asked for at the end of it
 */
export function* exposition(
  { resource, scopeMetrics }: ResourceMetrics,
  format: ExpositionFormat,
  elapsedSeconds: () => number,
): Generator<string> {
  yield targetInfo(resource.attributes as Attributes, format);
  for (const scope of scopeMetrics) {
    if (isRed(scope)) yield* redFamilies(scope.red, format);
  }
  const { scrapeDuration } = FAMILIES;
  yield head(scrapeDuration, "gauge", format) + sample(scrapeDuration.name, NONE, elapsedSeconds());
  if (format === "openmetrics") yield "# EOF\n";
}

function* redFamilies(red: RedSnapshot, format: ExpositionFormat): Generator<string> {
  const bySource: Record<PathSource, number> = { template: 0, normalized: 0, unmatched: 0, other: 0 };
  yield head(FAMILIES.requests, "counter", format);
  yield* pieces(red.count, 1, (index) => {
    const { attributes, source } = red.labelSets[index] as LabelSet;
    const count = requestCount(red, index);
    bySource[source] += count;
    return sample(FAMILIES.requests.name, attributes, count);
  });
  yield head(FAMILIES.errors, "counter", format);
  yield* pieces(red.count, 1, (index) => {
    const { isError, attributes } = red.labelSets[index] as LabelSet;
    return isError ? sample(FAMILIES.errors.name, attributes, requestCount(red, index)) : "";
  });
  yield head(FAMILIES.duration, "histogram", format);
  const bounds = [...red.boundaries.map(String), "+Inf"].map((bound) => `,le="${bound}"} `);
  yield* pieces(red.count, bounds.length + 2, (index) => histogram(FAMILIES.duration.name, red, index, bounds));
  yield head(FAMILIES.active, "gauge", format);
  yield* pieces(red.active.length, 1, (index) =>
    sample(FAMILIES.active.name, (red.places[index] as Place).attributes, red.active[index] as number),
  );
  yield head(FAMILIES.aborted, "counter", format);
  yield* pieces(red.aborted.length, 1, (index) => {
    const aborted = red.aborted[index] as number;
    return aborted > 0 ? sample(FAMILIES.aborted.name, (red.places[index] as Place).attributes, aborted) : "";
  });
  yield head(FAMILIES.excluded, "counter", format) + sample(FAMILIES.excluded.name, NONE, red.excluded);
  yield head(FAMILIES.overflow, "counter", format) + sample(FAMILIES.overflow.name, NONE, bySource.other);
  yield head(FAMILIES.pathSource, "counter", format);
  for (const { source, attributes } of SOURCES) yield sample(FAMILIES.pathSource.name, attributes, bySource[source]);
  yield head(FAMILIES.labelSets, "gauge", format) + sample(FAMILIES.labelSets.name, NONE, red.spent);
}

const NONE: Attributes = Object.freeze({});

/** Always these objects: what is rendered from them is kept with them. */
const SOURCES = PATH_SOURCES.map((source) => ({ source, attributes: Object.freeze({ [LABEL_SOURCE]: source }) }));

/** Some tenths of a millisecond's work. */
const LINES_A_PIECE = 256;

function* pieces(count: number, linesEach: number, lines: (index: number) => string): Generator<string> {
  const step = Math.ceil(LINES_A_PIECE / linesEach);
  for (let start = 0; start < count; start += step) {
    let piece = "";
    for (let index = start; index < Math.min(start + step, count); index++) piece += lines(index);
    if (piece !== "") yield piece;
  }
}

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

function sample(name: string, attributes: Attributes, value: number): string {
  const labels = labelText(attributes);
  return labels === "" ? `${name} ${value}\n` : `${name}{${labels}} ${value}\n`;
}

/** https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#resource-attributes-1 */
function targetInfo(attributes: Attributes, format: ExpositionFormat): string {
  const name = "target_info";
  const help = "Target metadata";
  const head =
    format === "text"
      ? `# HELP ${name} ${help}\n# TYPE ${name} gauge\n`
      : `# TYPE target info\n# HELP target ${help}\n`;
  return head + sample(name, targetLabels(attributes), 1);
}

/** In the order that each of the two formats recommends, or shows in its examples. */
function head({ name, description, unit }: MetricDescriptor, type: FamilyType, format: ExpositionFormat): string {
  if (format === "text") return `# HELP ${name} ${escapeHelp(description)}\n# TYPE ${name} ${type}\n`;
  const family = type === "counter" ? name.slice(0, -TOTAL.length) : name;
  const unitLine = UNITS[unit] === undefined ? "" : `# UNIT ${family} ${UNITS[unit]}\n`;
  return `# TYPE ${family} ${type}\n${unitLine}# HELP ${family} ${escapeLabelValue(description)}\n`;
}
