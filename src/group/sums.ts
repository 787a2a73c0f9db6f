/**
 * Sums of what members have counted, by the positions of the group's own label sets and operations.
 */
import type { Counts } from "./counts.ts";

/** `Counts` of the group itself are such sums. */
export interface Sums {
  /** As `RedSnapshot.values`. */
  readonly values: Float64Array;
  /** By position of the operation; where there is none it is 0. */
  readonly aborted: { [position: number]: number };
  excluded: number;
  /** By status. */
  readonly parserErrors: Map<number, number>;
  /** Since the epoch: from when on the first one counts; 0 where it is not known. */
  startedAtMs: number;
}

/**
 * Hot path (per member of a scrape).
 *
 * @param sums have room for all label sets of the group
 * @param stride numbers that one label set has
 */
export function addTo(sums: Sums, counts: Counts, stride: number): void {
  const { labelSets, operations, values } = counts;
  for (let position = 0; position < labelSets.length; position++) {
    const from = position * stride;
    const to = (labelSets[position] as (typeof labelSets)[number]).index * stride;
    for (let i = 0; i < stride; i++) (sums.values[to + i] as number) += values[from + i] as number;
  }
  for (let position = 0; position < operations.length; position++) {
    const aborted = counts.aborted[position] ?? 0;
    if (aborted === 0) continue;
    const { index } = operations[position] as (typeof operations)[number];
    sums.aborted[index] = (sums.aborted[index] ?? 0) + aborted;
  }
  sums.excluded += counts.excluded;
  for (const [status, errors] of counts.parserErrors)
    sums.parserErrors.set(status, (sums.parserErrors.get(status) ?? 0) + errors);
  sums.startedAtMs = earliest(sums.startedAtMs, counts.startedAtMs);
}

/** 0 is unknown. */
function earliest(a: number, b: number): number {
  return a === 0 || b === 0 ? Math.max(a, b) : Math.min(a, b);
}
