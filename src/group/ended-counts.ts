/**
 * The sums of the members that have ended. Its label sets are all those of the group, in the group's order: a standby that
 * is sent these counts admits the same label sets.
 */
import type { LabelSets } from "../view/label-sets.ts";
import { Counts } from "./counts.ts";
import { type Countable, Differences } from "./differences.ts";
import type { MergedMetrics } from "./merged-metrics.ts";
import { lasting, type Metric, type NumberValue, toNumberValue } from "./metrics.ts";
import type { Change } from "./protocol.ts";

export class EndedCounts {
  readonly #stride: number;
  readonly #sets: LabelSets;
  readonly #merged: MergedMetrics;
  readonly #counts: Counts;

  constructor(stride: number, sets: LabelSets, merged: MergedMetrics) {
    this.#stride = stride;
    this.#sets = sets;
    this.#merged = merged;
    this.#counts = new Counts(stride);
  }

  /** Its positions are those of the group. */
  get counts(): Counts {
    const { operations, labelSets } = this.#counts;
    for (let at = operations.length; at < this.#sets.operations.length; at++)
      operations.push(this.#sets.operations[at] as (typeof operations)[number]);
    for (let at = labelSets.length; at < this.#sets.all.length; at++)
      labelSets.push(this.#sets.all[at] as (typeof labelSets)[number]);
    this.#counts.makeRoom();
    return this.#counts;
  }

  get countable(): Countable {
    return this.counts.countable;
  }

  /** A member has ended. */
  add(member: Counts): void {
    const sums = this.counts;
    const stride = this.#stride;
    for (let position = 0; position < member.labelSets.length; position++) {
      const to = (member.labelSets[position] as { index: number }).index * stride;
      const from = position * stride;
      for (let i = 0; i < stride; i++) (sums.values[to + i] as number) += member.values[from + i] ?? 0;
    }
    for (const [position, operation] of member.operations.entries()) {
      const aborted = member.aborted[position] ?? 0;
      if (aborted > 0) sums.aborted[operation.index] = (sums.aborted[operation.index] ?? 0) + aborted;
    }
    sums.excluded += member.excluded;
    for (const [status, count] of member.parserErrors)
      sums.parserErrors.set(status, (sums.parserErrors.get(status) ?? 0) + count);
    for (const [key, metric] of lasting(member.metrics)) this.#addMetric(key, metric);
    sums.startedAtMs = earliest(sums.startedAtMs, member.startedAtMs);
  }

  #addMetric(key: string, metric: Metric): void {
    const known = this.#counts.metrics.get(key);
    const sums = this.#merged.sum(key, known === undefined ? [metric] : [known, metric]);
    const points = [...sums].map(([series, value]) => ({
      key: series,
      value: typeof value === "object" ? value : toNumberValue(Number(value) as NumberValue & number),
    }));
    this.#counts.metrics.set(key, { ...metric, points });
  }

  /** The sums of a group whose counts go on in this one. */
  addAll(others: EndedCounts): void {
    const { change, numbers } = new Differences(this.#stride).take(others.countable, others.counts.metrics);
    const counts = new Counts(this.#stride);
    counts.apply(change, numbers, this.#sets);
    this.add(counts);
  }

  /** As the standby. @throws where the change is none */
  apply(change: Change, numbers: Float64Array): void {
    this.#counts.apply(change, numbers, this.#sets);
  }
}

/** 0 is unknown. */
export function earliest(a: number, b: number): number {
  return a === 0 || b === 0 ? Math.max(a, b) : Math.min(a, b);
}
