/**
 * What an OpenTelemetry instrument is called by Prometheus. The same rules as a Collector's Prometheus exporter, so
 * that a name stays what it is when the exporter is switched.
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-metadata-1
 */
import type { MetricDescriptor } from "@opentelemetry/sdk-metrics";

export type FamilyType = "counter" | "gauge" | "histogram";

export const TOTAL = "_total";

/** In front of a name that is taken, as Prometheus does it with labels. */
export const EXPORTED = "exported_";

/**
 * Samples that Prometheus adds to each scrape, and those of its alerts. With a metric of such a name, two series would be one.
 * https://prometheus.io/docs/concepts/jobs_instances/#automatically-generated-labels-and-time-series
 * https://prometheus.io/docs/prometheus/latest/feature_flags/#extra-scrape-metrics
 * https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/#inspecting-alerts-during-runtime
 */
const WRITTEN_BY_PROMETHEUS: ReadonlySet<string> = new Set([
  "up",
  "scrape_duration_seconds",
  "scrape_samples_scraped",
  "scrape_samples_post_metric_relabeling",
  "scrape_series_added",
  "scrape_timeout_seconds",
  "scrape_sample_limit",
  "scrape_body_size_bytes",
  "ALERTS",
  "ALERTS_FOR_STATE",
]);

export function isWrittenByPrometheus(name: string): boolean {
  return WRITTEN_BY_PROMETHEUS.has(name);
}

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

/** The unit in words, as it ends a name; empty for none, `1` and annotations (`{request}`). */
export function unitWords(unit: string): string {
  return unitSuffixes(unit).join("_");
}

/** Names that the samples of a family have, or may have in OpenMetrics. */
export function sampleNames(name: string, type: FamilyType): string[] {
  if (type !== "histogram") return [name];
  return ["", "_bucket", "_sum", "_count", "_created"].map((suffix) => name + suffix);
}

/** What else OpenMetrics takes a counter's family to be called, which has no `_total` there. */
export function withoutTotal(counter: string): string[] {
  const family = counter.slice(0, -TOTAL.length);
  return [family, `${family}_created`];
}

/** The SDK gives an instrument's data the same descriptor at each collection. */
const metricNames: Readonly<Record<FamilyType, WeakMap<MetricDescriptor, string | undefined>>> = {
  counter: new WeakMap(),
  gauge: new WeakMap(),
  histogram: new WeakMap(),
};

/** Worked out once. @returns undefined where nothing of the instrument's name can be kept */
export function metricName(descriptor: MetricDescriptor, type: FamilyType): string | undefined {
  const names = metricNames[type];
  if (!names.has(descriptor)) names.set(descriptor, newMetricName(descriptor, type));
  return names.get(descriptor);
}

function newMetricName({ name, unit }: MetricDescriptor, type: FamilyType): string | undefined {
  let words = name.split(NOT_OF_A_NAME).filter((word) => word !== "");
  words.push(...unitSuffixes(unit).filter((suffix) => !words.includes(suffix)));
  if (type === "counter") words = [...words.filter((word) => word !== "total"), "total"];
  if (type === "gauge" && unit === "1") words = [...words.filter((word) => word !== "ratio"), "ratio"];
  // OpenMetrics needs a name in front of the suffix: the one name that is not the Collector's
  const full = words.join("_") === "total" && type === "counter" ? `total${TOTAL}` : words.join("_");
  if (/^_*$/.test(full)) return undefined;
  return /^\d/.test(full) ? `_${full}` : full;
}

const NOT_OF_A_NAME = /[^a-zA-Z0-9:]+/u;

/** What a unit adds to a name: the amount, and what it is per. */
function unitSuffixes(unit: string): string[] {
  const slash = unit.indexOf("/");
  const [amount, per] = slash === -1 ? [unit, ""] : [unit.slice(0, slash), unit.slice(slash + 1)];
  const amountWord = suffix(amount, WORDS);
  const perWord = suffix(per, PER_WORDS).replace(/_$/, "");
  if (perWord === "") return amountWord === "" ? [] : [amountWord];
  return [amountWord.replace(/_$/, ""), `per_${perWord}`].filter((each) => each !== "");
}

function suffix(text: string, words: ReadonlyMap<string, string>): string {
  const unit = text.trim();
  if (/[{}]/.test(unit)) return "";
  return (words.get(unit) ?? unit).replace(/[^a-zA-Z0-9:]+/gu, "_").replace(/^_/, "");
}
