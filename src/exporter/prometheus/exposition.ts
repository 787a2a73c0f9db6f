/**
 * Metrics as Prometheus reads them: the text format 0.0.4 and OpenMetrics 1.0.
 *
 * RED is rendered from its snapshot, without data points in between. What a series is called is put together once
 * and kept with its attributes, of which each series has one object for good; a scrape then only adds the numbers.
 */
import type { Attributes } from "@opentelemetry/api";
import type { MetricDescriptor, ResourceMetrics } from "@opentelemetry/sdk-metrics";
import type { LabelSet, Place } from "../../view/label-sets.ts";
import { isRed, overflowCount } from "../../view/producer.ts";
import { FAMILIES } from "../../view/red.ts";
import { bucketCount, type RedSnapshot, requestCount, stride } from "../../view/snapshot.ts";
import type { ExpositionFormat } from "./format.ts";

type FamilyType = "counter" | "gauge" | "histogram";

const TOTAL = "_total";
/** OpenMetrics wants the unit as the last part of the name, spelled out. */
const UNITS: Readonly<Record<string, string>> = { s: "seconds" };

/**
 * Yields the exposition in pieces of some lines each, so that who writes them can let the event loop go on in between.
 */
export function* exposition({ resource, scopeMetrics }: ResourceMetrics, format: ExpositionFormat): Generator<string> {
  yield targetInfo(resource.attributes as Attributes, format);
  for (const scope of scopeMetrics) {
    if (isRed(scope)) yield* redFamilies(scope.red, format);
  }
  if (format === "openmetrics") yield "# EOF\n";
}

function* redFamilies(red: RedSnapshot, format: ExpositionFormat): Generator<string> {
  yield head(FAMILIES.requests, "counter", format);
  yield* lines(red.count, (index) =>
    sample(FAMILIES.requests.name, (red.labelSets[index] as LabelSet).attributes, requestCount(red, index)),
  );
  yield head(FAMILIES.errors, "counter", format);
  yield* lines(red.count, (index) => {
    const { isError, attributes } = red.labelSets[index] as LabelSet;
    return isError ? sample(FAMILIES.errors.name, attributes, requestCount(red, index)) : "";
  });
  yield head(FAMILIES.duration, "histogram", format);
  const bounds = [...red.boundaries.map(String), "+Inf"].map((bound) => `,le="${bound}"} `);
  yield* lines(red.count, (index) => histogram(FAMILIES.duration.name, red, index, bounds));
  yield head(FAMILIES.active, "gauge", format);
  yield* lines(red.active.length, (index) =>
    sample(FAMILIES.active.name, (red.places[index] as Place).attributes, red.active[index] as number),
  );
  yield head(FAMILIES.aborted, "counter", format);
  yield* lines(red.aborted.length, (index) => {
    const aborted = red.aborted[index] as number;
    return aborted > 0 ? sample(FAMILIES.aborted.name, (red.places[index] as Place).attributes, aborted) : "";
  });
  yield head(FAMILIES.excluded, "counter", format) + sample(FAMILIES.excluded.name, NONE, red.excluded);
  yield head(FAMILIES.overflow, "counter", format) + sample(FAMILIES.overflow.name, NONE, overflowCount(red));
  yield head(FAMILIES.labelSets, "gauge", format) + sample(FAMILIES.labelSets.name, NONE, red.spent);
}

const NONE: Attributes = Object.freeze({});

/** Label sets whose lines make up one piece. */
const LABEL_SETS_A_PIECE = 32;

function* lines(count: number, line: (index: number) => string): Generator<string> {
  for (let start = 0; start < count; start += LABEL_SETS_A_PIECE) {
    let piece = "";
    for (let index = start; index < Math.min(start + LABEL_SETS_A_PIECE, count); index++) piece += line(index);
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

const labelTexts = new WeakMap<Attributes, string>();

/** `method="GET",path="/"`; empty without attributes. Made once for each attributes object. */
function labelText(attributes: Attributes): string {
  let text = labelTexts.get(attributes);
  if (text === undefined) {
    text = Object.entries(attributes)
      .map(
        ([name, value]) =>
          `${labelName(name)}="${escapeLabelValue(typeof value === "string" ? value : JSON.stringify(value))}"`,
      )
      .join(",");
    labelTexts.set(attributes, text);
  }
  return text;
}

/** OpenTelemetry's `service.name` is Prometheus's `service_name`. */
function labelName(attribute: string): string {
  const name = attribute.replace(/[^a-zA-Z0-9_]/g, "_");
  return /^[0-9]/.test(name) ? `_${name}` : name;
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

/** Also OpenMetrics's help. A lone surrogate has no UTF-8: it becomes U+FFFD, as it would on the wire. */
function escapeLabelValue(value: string): string {
  return escapeHelp(value.toWellFormed()).replaceAll('"', '\\"');
}

function targetInfo(attributes: Attributes, format: ExpositionFormat): string {
  const name = "target_info";
  const head = format === "text" ? `# TYPE ${name} gauge\n` : "# TYPE target info\n";
  const help = `# HELP ${format === "text" ? name : "target"} Target metadata\n`;
  return help + head + sample(name, attributes, 1);
}

function head({ name, description, unit }: MetricDescriptor, type: FamilyType, format: ExpositionFormat): string {
  if (format === "text") return `# HELP ${name} ${escapeHelp(description)}\n# TYPE ${name} ${type}\n`;
  const family = type === "counter" ? name.slice(0, -TOTAL.length) : name;
  const unitLine = UNITS[unit] === undefined ? "" : `# UNIT ${family} ${UNITS[unit]}\n`;
  return `# HELP ${family} ${escapeLabelValue(description)}\n# TYPE ${family} ${type}\n${unitLine}`;
}
