/**
 * The lines of the two exposition formats.
 */
import type { MetricDescriptor } from "@opentelemetry/sdk-metrics";
import type { ExpositionFormat } from "./format.ts";
import { escapeHelp, escapeLabelValue } from "./labels.ts";
import { type FamilyType, TOTAL, unitWords } from "./names.ts";

/**
 * The lines about a family, in the order that each of the two formats recommends, or shows in its examples.
 *
 * @param descriptor its name is the family's name with Prometheus
 */
export function head(
  { name, description, unit }: Pick<MetricDescriptor, "name" | "description" | "unit">,
  type: FamilyType | "unknown",
  format: ExpositionFormat,
): string {
  if (format === "text") return `${help(name, description, escapeHelp)}# TYPE ${name} ${type}\n`;
  const family = type === "counter" ? name.slice(0, -TOTAL.length) : name;
  const words = unitWords(unit);
  // a name need not have its unit last (`process_start_time_seconds` does); one that has not may not state it
  const unitLine = words !== "" && family.endsWith(`_${words}`) ? `# UNIT ${family} ${words}\n` : "";
  return `# TYPE ${family} ${type}\n${unitLine}${help(family, description, escapeLabelValue)}`;
}

/** Some parsers reject a page where a HELP line has no text. */
function help(family: string, description: string, escaped: (text: string) => string): string {
  return description.trim() === "" ? "" : `# HELP ${family} ${escaped(description)}\n`;
}

/** @param labels as by `labelText` */
export function sample(name: string, labels: string, value: number): string {
  return labels === "" ? `${name} ${numberText(value)}\n` : `${name}{${labels}} ${numberText(value)}\n`;
}

/** Numbers are written as JavaScript writes them, but for the infinities. */
export function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  return value === Number.NEGATIVE_INFINITY ? "-Inf" : String(value);
}
