/**
 * All RED values of one instant. Taken in one synchronous step, so that whatever is rendered from it, however slowly,
 * agrees with itself; both instrumentations end here.
 */
import type { LabelSet, LabelSets, Operation } from "./label-sets.ts";
import type { ParserErrorCount } from "./parser-errors.ts";

/** What only the instrumentation knows: the requests that have not ended, and those that are not measured. */
export interface RequestsInFlight {
  /** Calls back with the operation of each request in flight. */
  forEachOperation(visit: (operation: Operation) => void): void;
  /** Requests left out by RED_EXCLUDE_PATHS so far. */
  readonly excluded: number;
}

/** For a snapshot of what is counted. To look at requests in flight may make new series of them. */
export function noneInFlight({ excluded }: RequestsInFlight): RequestsInFlight {
  return { forEachOperation() {}, excluded };
}

export interface OperationsSnapshot {
  /** Append-only and shared: only the first `active.length` belong to this snapshot. */
  readonly operations: readonly Operation[];
  /** Requests in flight, by operation. */
  readonly active: Uint32Array;
  /** Requests aborted so far, by operation. */
  readonly aborted: Float64Array;
  readonly excluded: number;
  /** By status; a status keeps its position. */
  readonly parserErrors: readonly ParserErrorCount[];
  /** Label sets taken, of those that RED_MAX_LABEL_SETS allows. */
  readonly spent: number;
}

export interface RedSnapshot extends OperationsSnapshot {
  /** Append-only and shared: only the first `count` belong to this snapshot. */
  readonly labelSets: readonly LabelSet[];
  readonly count: number;
  /**
   * For each label set `stride(boundaries)` numbers: its bucket counts (not cumulated, the last one being +Inf's),
   * then the sum in seconds.
   */
  readonly values: Float64Array;
  /** Upper bounds in seconds, ascending, without +Inf. */
  readonly boundaries: readonly number[];
  /** Since the epoch: from when on it counts, and when this snapshot was taken. */
  readonly startedAtMs: number;
  readonly takenAtMs: number;
}

/** Buckets of a histogram with these boundaries: +Inf has one too. */
export function bucketCount(boundaries: readonly number[]): number {
  return boundaries.length + 1;
}

/**
 * Hot path (per request). The bucket that a duration falls into. Most requests are quick, so that the first comparison is
 * the likely one; an upper bound belongs to its bucket.
 */
export function bucketOf(boundaries: readonly number[], durationSeconds: number): number {
  let bucket = 0;
  while (bucket < boundaries.length && durationSeconds > (boundaries[bucket] as number)) bucket++;
  return bucket;
}

/** Numbers that one label set has in `RedSnapshot.values`. */
export function stride(boundaries: readonly number[]): number {
  return bucketCount(boundaries) + 1;
}

export function copyOperations(labelSets: LabelSets, inFlight: RequestsInFlight): OperationsSnapshot {
  const seen: Operation[] = [];
  // first: a request in flight may be the first of its operation
  inFlight.forEachOperation((operation) => seen.push(operation));
  const { operations } = labelSets;
  const active = new Uint32Array(operations.length);
  for (const operation of seen) (active[operation.index] as number)++;
  // a loop: with many operations, `Float64Array.from` takes longer than all the rest of a snapshot
  const aborted = new Float64Array(operations.length);
  for (let index = 0; index < operations.length; index++) aborted[index] = (operations[index] as Operation).aborted;
  return {
    operations,
    active,
    aborted,
    excluded: inFlight.excluded,
    parserErrors: labelSets.parserErrors.snapshot(),
    spent: labelSets.spent,
  };
}

/** Hot path (per series of a scrape). Requests that label set number `index` of the snapshot counts. */
export function requestCount({ values, boundaries }: RedSnapshot, index: number): number {
  const start = index * stride(boundaries);
  const end = start + bucketCount(boundaries);
  let count = 0;
  for (let at = start; at < end; at++) count += values[at] as number;
  return count;
}
