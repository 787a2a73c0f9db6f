/**
 * The sums of the members that have ended. Its label sets are all those of the group, in the group's order: a standby that
 * is sent these counts admits the same label sets.
 */
import type { LabelSets } from "../view/label-sets.ts";
import { Counts } from "./counts.ts";
import type { MergedMetrics } from "./merged-metrics.ts";
import { lasting, type Metric, type NumberValue, toNumberValue } from "./metrics.ts";
import type { Change } from "./protocol.ts";
import { addTo } from "./sums.ts";

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

  /** A member has ended. */
  add(member: Counts): void {
    addTo(this.counts, member, this.#stride);
    for (const [key, metric] of lasting(member.metrics)) this.#addMetric(key, metric);
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
    const counts = new Counts(this.#stride);
    counts.takeAll(others.counts, this.#sets);
    this.add(counts);
  }

  /** As the standby. @throws where the change is none */
  apply(change: Change, numbers: Float64Array): void {
    this.#counts.apply(change, numbers, this.#sets);
  }
}
