/** What was scraped, from a real process or a simulated one, as the input series of `promtool test rules`. */
import type { Sample } from "../exposition.ts";
import type { InputSeries } from "./promtool.ts";

export const NO_TARGET = "no target";
/** The samples of one scrape; undefined where the target did not answer. */
export type Scrape = readonly Sample[] | undefined | typeof NO_TARGET;

/**
 * The series as Prometheus would store them, with `honor_labels`: a series that a scrape does not have any more has
 * ended there, and `up` says whether there was an answer.
 *
 * @param target labels that the scrape attaches: `job`, `instance`, …
 * @param scrapes one for each interval
 */
export function inputSeries(target: Readonly<Record<string, string>>, scrapes: readonly Scrape[]): InputSeries[] {
  const values = new Map<string, string[]>();
  for (const [index, scrape] of scrapes.entries()) {
    if (scrape === NO_TARGET) continue;
    const up: Sample = { name: "up", labels: {}, value: scrape === undefined ? 0 : 1 };
    for (const sample of [up, ...(scrape ?? [])]) {
      const series = name(sample.name, { ...target, ...sample.labels });
      const all = values.get(series) ?? [];
      values.set(series, all);
      fill(all, index);
      all.push(String(sample.value));
    }
  }
  for (const all of values.values()) fill(all, scrapes.length);
  return [...values].map(([series, all]) => ({ series, values: all.join(" ") }));
}

/** Up to that index: nothing before the series was born, its end after its last value, then nothing. */
function fill(values: string[], index: number): void {
  if (values.length > 0 && values.length < index && values.at(-1) !== "stale") values.push("stale");
  while (values.length < index) values.push("_");
}

function name(metric: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `${metric}{${pairs.join(",")}}`;
}
