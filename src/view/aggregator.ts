/**
 * The aggregator of the light instrumentation: an explicit-bucket histogram for each label set, in one typed array.
 *
 * The SDK's own would serve (the stock instrumentation uses it), but it sorts and JSON-stringifies the attributes at
 * every record, about as much work as everything else that light does for a request.
 */
import type { LabelSet, LabelSets } from "./label-sets.ts";
import type { RedView } from "./red.ts";
import { bucketOf, copyOperations, type RedSnapshot, type RequestsInFlight, stride } from "./snapshot.ts";

const FIRST_ROOM = 16;

export class Aggregator {
  readonly #labelSets: LabelSets;
  readonly #boundaries: number[];
  /** For each label set its bucket counts (not cumulated), the last one being +Inf's, then the sum in seconds. */
  #values: Float64Array;
  readonly #stride: number;
  readonly #startedAtMs: number;

  /** @param startedAtMs since the epoch: from when on it counts */
  constructor(view: RedView, labelSets: LabelSets, startedAtMs: number) {
    this.#labelSets = labelSets;
    this.#boundaries = view.aggregation.options.boundaries;
    this.#stride = stride(this.#boundaries);
    this.#values = new Float64Array(FIRST_ROOM * this.#stride);
    this.#startedAtMs = startedAtMs;
  }

  /** Hot path (per request). */
  record(labelSet: LabelSet, durationSeconds: number): void {
    const boundaries = this.#boundaries;
    const start = labelSet.index * this.#stride;
    if (start >= this.#values.length) this.#grow(start);
    const values = this.#values;
    (values[start + bucketOf(boundaries, durationSeconds)] as number)++;
    (values[start + boundaries.length + 1] as number) += durationSeconds;
  }

  #grow(start: number): void {
    const values = new Float64Array(Math.max(this.#values.length * 2, start + this.#stride));
    values.set(this.#values);
    this.#values = values;
  }

  /** Everything as of this moment: one synchronous copy, whatever is made of it later. */
  snapshot(inFlight: RequestsInFlight, nowMs: number): RedSnapshot {
    const operations = copyOperations(this.#labelSets, inFlight);
    const count = this.#labelSets.all.length;
    const values = new Float64Array(count * this.#stride);
    values.set(this.#values.subarray(0, Math.min(values.length, this.#values.length)));
    return {
      ...operations,
      labelSets: this.#labelSets.all,
      count,
      values,
      boundaries: this.#boundaries,
      startedAtMs: this.#startedAtMs,
      takenAtMs: nowMs,
    };
  }
}
