/**
 * The RED counts of a group as one snapshot: whoever exports it does not know how many processes there are.
 */
import type { RedSnapshot } from "../view/snapshot.ts";
import type { Counts } from "./counts.ts";
import { earliest } from "./ended-counts.ts";
import type { GroupState } from "./group-state.ts";

/** Everything as it is known now. A pass over the values of all members: 8 with 1,000 label sets take a third of a millisecond. */
export function mergeRed({ sets, ended, members, options, stride }: GroupState, nowMs: number): RedSnapshot {
  const sums = ended.counts;
  const count = sets.all.length;
  const values = new Float64Array(count * stride);
  values.set(sums.values.subarray(0, values.length));
  const aborted = new Float64Array(sets.operations.length);
  for (let index = 0; index < aborted.length; index++) aborted[index] = sums.aborted[index] ?? 0;
  const active = new Uint32Array(sets.operations.length);
  const parserErrors = new Map(sums.parserErrors);
  let { excluded, startedAtMs } = sums;
  for (const { counts, isHere } of members.values()) {
    addValues(values, counts, stride);
    for (let position = 0; position < counts.operations.length; position++)
      (aborted[indexOf(counts, position)] as number) += counts.aborted[position] ?? 0;
    // a request in flight ends with its process
    if (isHere)
      for (const [position, requests] of counts.active) (active[indexOf(counts, position)] as number) += requests;
    excluded += counts.excluded;
    for (const [status, errors] of counts.parserErrors)
      parserErrors.set(status, (parserErrors.get(status) ?? 0) + errors);
    startedAtMs = earliest(startedAtMs, counts.startedAtMs);
  }
  return {
    operations: sets.operations,
    active,
    aborted,
    excluded,
    parserErrors: [...parserErrors].map(([status, errors]) => ({
      attributes: sets.parserErrors.attributes(status),
      count: errors,
    })),
    spent: sets.spent,
    labelSets: sets.all,
    count,
    values,
    boundaries: options.boundaries,
    startedAtMs,
    takenAtMs: nowMs,
  };
}

function indexOf({ operations }: Counts, position: number): number {
  return (operations[position] as (typeof operations)[number]).index;
}

function addValues(values: Float64Array, { labelSets, values: added }: Counts, stride: number): void {
  for (let position = 0; position < labelSets.length; position++) {
    const from = position * stride;
    const to = (labelSets[position] as (typeof labelSets)[number]).index * stride;
    for (let i = 0; i < stride; i++) (values[to + i] as number) += added[from + i] as number;
  }
}
