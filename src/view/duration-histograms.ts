/**
 * The histograms of one snapshot, read by position: a format that writes numbers needs no object for a histogram.
 */
import type { Exemplar, LabelSet } from "./label-sets.ts";
import { bucketCount, type RedSnapshot, stride } from "./snapshot.ts";

export class DurationHistograms {
  readonly #red: RedSnapshot;
  readonly #bucketCount: number;
  readonly #stride: number;

  constructor(red: RedSnapshot) {
    this.#red = red;
    this.#bucketCount = bucketCount(red.boundaries);
    this.#stride = stride(red.boundaries);
  }

  /** How many histograms there are. */
  get length(): number {
    return this.#red.count;
  }

  /** Upper bounds in seconds, ascending, without +Inf. */
  get boundaries(): readonly number[] {
    return this.#red.boundaries;
  }

  /** Buckets of each histogram, that of +Inf included. */
  get bucketCount(): number {
    return this.#bucketCount;
  }

  /** Hot path (per bucket of a scrape). Requests in one bucket, not cumulated. */
  inBucket(index: number, bucket: number): number {
    return this.#red.values[index * this.#stride + bucket] as number;
  }

  /** In seconds. */
  sum(index: number): number {
    return this.#red.values[index * this.#stride + this.#bucketCount] as number;
  }

  /** The latest exemplar of each bucket that has one. As of now, not of the snapshot. */
  exemplars(index: number): readonly (Exemplar | undefined)[] {
    return (this.#red.labelSets[index] as LabelSet).exemplars;
  }
}
