/**
 * What an OpenTelemetry instrument is called by Prometheus. The same rules as a Collector's Prometheus exporter, so
 * that a name stays what it is when the exporter is switched.
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-metadata-1
 */
import type { MetricDescriptor } from "@opentelemetry/sdk-metrics";

export type FamilyType = "counter" | "gauge" | "histogram";

export const TOTAL = "_total";

/** UCUM's units as words. A unit that is not here stands for itself. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ["d", "days"],
  ["h", "hours"],
  ["min", "minutes"],
  ["s", "seconds"],
  ["ms", "milliseconds"],
  ["us", "microseconds"],
  ["ns", "nanoseconds"],
  ["By", "bytes"],
  ["KiBy", "kibibytes"],
  ["MiBy", "mebibytes"],
  ["GiBy", "gibibytes"],
  ["TiBy", "tibibytes"],
  ["KBy", "kilobytes"],
  ["MBy", "megabytes"],
  ["GBy", "gigabytes"],
  ["TBy", "terabytes"],
  ["m", "meters"],
  ["V", "volts"],
  ["A", "amperes"],
  ["J", "joules"],
  ["W", "watts"],
  ["g", "grams"],
  ["Cel", "celsius"],
  ["Hz", "hertz"],
  ["%", "percent"],
  ["1", ""],
]);

/** After the slash of a rate. */
const PER_WORDS: ReadonlyMap<string, string> = new Map([
  ["s", "second"],
  ["m", "minute"],
  ["h", "hour"],
  ["d", "day"],
  ["w", "week"],
  ["mo", "month"],
  ["y", "year"],
]);

/** The unit in words, as OpenMetrics wants it at the end of the name; empty for none, `1` and annotations (`{request}`). */
export function unitWords(unit: string): string {
  const [amount = "", per = ""] = unit.replace(/\{[^}]*\}/g, "").split("/", 2);
  const amountWord = joined(WORDS.get(amount.trim()) ?? amount);
  const perWord = joined(PER_WORDS.get(per.trim()) ?? per);
  return perWord === "" ? amountWord : joined(`${amountWord}_per_${perWord}`);
}

/** @returns undefined where nothing of the instrument's name can be kept */
export function metricName({ name, unit }: MetricDescriptor, type: FamilyType): string | undefined {
  const stem = joined(name);
  if (stem === "") return undefined;
  const words = new Set(stem.split("_"));
  const suffixes = unit.trim() === "1" && type === "gauge" ? ["ratio"] : unitWords(unit).split("_");
  const missing = suffixes.filter((suffix) => suffix !== "" && !words.has(suffix));
  // the unit goes in front of the total, wherever the instrument's own name has it
  const base = type === "counter" && stem.endsWith(TOTAL) ? stem.slice(0, -TOTAL.length) : stem;
  const full = [base, ...missing].join("_") + (type === "counter" ? TOTAL : "");
  return /^\d/.test(full) ? `_${full}` : full;
}

/** Letters, digits and single underscores between them. */
function joined(text: string): string {
  return text.replace(/[^a-zA-Z0-9]+/g, "_").replace(/^_|_$/g, "");
}
