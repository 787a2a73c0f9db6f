/** What was scraped, from a real process or a simulated one, as the input series of `promtool test rules`. */
import type { Sample } from "../exposition.ts";
import type { InputSeries } from "./promtool.ts";

export const NO_TARGET = "no target";
/** Prometheus itself was away. */
export const NO_SCRAPE = "no scrape";
/** The samples of one scrape; undefined where the target did not answer. */
export type Scrape = readonly Sample[] | undefined | typeof NO_TARGET | typeof NO_SCRAPE;

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
    const up: Sample = { name: "up", labels: {}, value: scrape === undefined ? 0 : 1 };
    const samples = typeof scrape === "string" ? [] : [up, ...(scrape ?? [])];
    for (const sample of samples) {
      const series = name(sample.name, { ...target, ...sample.labels });
      const all = values.get(series) ?? Array.from({ length: index }, () => "_");
      values.set(series, all);
      all.push(String(sample.value));
    }
    for (const all of values.values()) if (all.length === index) all.push(scrape === NO_SCRAPE ? "_" : end(all));
  }
  return [...values].map(([series, all]) => ({ series, values: all.join(" ") }));
}

/** A series ends once. */
function end(values: readonly string[]): string {
  const last = values.findLast((value) => value !== "_");
  return last === "stale" ? "_" : "stale";
}

function name(metric: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `${metric}{${pairs.join(",")}}`;
}
