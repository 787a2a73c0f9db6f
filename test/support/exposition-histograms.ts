/**
 * What the text exposition asks of histograms and summaries beyond its grammar:
 * https://prometheus.io/docs/instrumenting/exposition_formats/#histograms-and-summaries
 */
import type { MetricType, Sample } from "./exposition.ts";
import { type Line, number } from "./exposition-line.ts";

/** The samples of one histogram or summary that share all labels but `le` or `quantile`. */
interface Distribution {
  readonly type: "histogram" | "summary";
  lastLine: Line;
  lastBound: number;
  lastBucket: number;
  count?: number;
}

/** Checks one family: each line as it comes, and what must be there at its end. Other types pass. */
export class HistogramCheck {
  readonly #distributions = new Map<string, Distribution>();

  add(family: string, type: MetricType, sample: Sample, line: Line): void {
    if (type !== "histogram" && type !== "summary") return;
    const boundLabel = type === "histogram" ? "le" : "quantile";
    const boundedName = type === "histogram" ? `${family}_bucket` : family;
    if (type === "histogram" && sample.name === family) line.fail("a histogram has _bucket, _sum and _count only");

    const { [boundLabel]: bound, ...labels } = sample.labels;
    if ((sample.name === boundedName) !== (bound !== undefined))
      line.fail(`${boundLabel} belongs to ${boundedName} and to nothing else`);
    const identity = JSON.stringify(Object.entries(labels).sort());
    const distribution = this.#distributions.get(identity) ?? {
      type,
      lastLine: line,
      lastBound: -Infinity,
      lastBucket: 0,
    };
    this.#distributions.set(identity, distribution);
    distribution.lastLine = line;
    if (sample.name === `${family}_count`) distribution.count = sample.value;
    if (bound !== undefined) checkBound(distribution, number(bound) ?? Number.NaN, sample.value, line);
  }

  end(): void {
    for (const { type, lastLine, lastBound, lastBucket, count } of this.#distributions.values()) {
      if (type === "summary") continue;
      if (lastBound !== Infinity) lastLine.fail('this histogram has no bucket with le="+Inf"');
      if (count !== lastBucket) lastLine.fail(`_count is ${count}, the bucket +Inf ${lastBucket}`);
    }
  }
}

function checkBound(distribution: Distribution, bound: number, value: number, line: Line): void {
  if (!(bound > distribution.lastBound)) line.fail("the bounds are no ascending numbers");
  distribution.lastBound = bound;
  if (distribution.type === "summary") return;
  if (!(value >= distribution.lastBucket))
    line.fail("a bucket counts less than the one before it: they are cumulative");
  distribution.lastBucket = value;
}
