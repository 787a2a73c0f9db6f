/** The client's durations in the service's buckets: what a quantile that is computed from buckets can be. */
import { DEFAULT_DURATION_BUCKETS } from "../../../src/view/red.ts";
import type { Account, Books } from "../../apps/demo/books.ts";
import { type Bucket, histogramQuantile } from "../../apps/demo/quantile.ts";

/**
 * The two clocks. The client's begins before the service's and ends before or after it.
 *
 * Mostly after: the client waits for its turn on a busy machine, and for the way there and back.
 */
const ON_THE_WAY_SECONDS = 0.25;
/**
 * And sometimes before: the answer is with the client as soon as the operating system has it, and the service's process waits for
 * its turn to hear so (`finish`). Of 20,000 answers on two busy cores one in eight was there first, by 0.1 ms mostly; one in
 * a hundred by more than 0.4 ms, one in a thousand by more than 10 ms, and one by 120 ms.
 */
const HEARD_LATE_SECONDS = 0.005;
const HEARD_VERY_LATE_SECONDS = 0.25;
/** Heard of very late; but one at least. */
const VERY_LATE_SHARE = 0.01;

/** `rate` guesses at the ends of each series by itself, so that they weigh a little more or less than they should. */
const QUANTILE_ERROR = 0.03;

function veryLate(clientSeconds: readonly number[]): number {
  return Math.min(clientSeconds.length, Math.ceil(VERY_LATE_SHARE * clientSeconds.length));
}

function sumOf(clientSeconds: readonly number[]): number {
  return clientSeconds.reduce((sum, seconds) => sum + seconds, 0);
}

function countWithin(clientSeconds: readonly number[], boundSeconds: number): number {
  return clientSeconds.filter((seconds) => seconds <= boundSeconds).length;
}

/** Of requests that took so long by their client's clock, the fewest that took no longer than the bound by the service's. */
export function fewestWithin(clientSeconds: readonly number[], boundSeconds: number): number {
  const certain = countWithin(clientSeconds, boundSeconds - HEARD_VERY_LATE_SECONDS);
  return Math.max(certain, countWithin(clientSeconds, boundSeconds - HEARD_LATE_SECONDS) - veryLate(clientSeconds));
}

export function mostWithin(clientSeconds: readonly number[], boundSeconds: number): number {
  return countWithin(clientSeconds, boundSeconds + ON_THE_WAY_SECONDS);
}

/** Of the same, what their durations come to by the service's clock. */
export function leastSeconds(clientSeconds: readonly number[]): number {
  return Math.max(0, sumOf(clientSeconds) - ON_THE_WAY_SECONDS * clientSeconds.length);
}

export function mostSeconds(clientSeconds: readonly number[]): number {
  const late = HEARD_LATE_SECONDS * clientSeconds.length + HEARD_VERY_LATE_SECONDS * veryLate(clientSeconds);
  return sumOf(clientSeconds) + late;
}

export function sumByPath(books: Books, amount: (account: Account) => number): Map<string, number> {
  const sums = new Map<string, number>();
  for (const account of books.accounts()) sums.set(account.path, (sums.get(account.path) ?? 0) + amount(account));
  return sums;
}

export function durationsByPath(books: Books): Map<string, number[]> {
  const durations = new Map<string, number[]>();
  for (const { path, durationsSeconds } of books.accounts())
    durations.set(path, [...(durations.get(path) ?? []), ...durationsSeconds]);
  return durations;
}

/** Index of the bucket that a duration in seconds falls into. */
export function bucketOf(seconds: number): number {
  const bucket = DEFAULT_DURATION_BUCKETS.findIndex((bound) => seconds <= bound);
  return bucket === -1 ? DEFAULT_DURATION_BUCKETS.length : bucket;
}

/** The buckets in which the service's quantile can be, by what its client saw: from the first to the last of these indices. */
export function quantileBuckets(quantile: number, clientSeconds: readonly number[]): [least: number, most: number] {
  return [
    bucketOf(histogramQuantile(quantile - QUANTILE_ERROR, bucketed(clientSeconds, mostWithin))),
    bucketOf(histogramQuantile(Math.min(quantile + QUANTILE_ERROR, 1), bucketed(clientSeconds, fewestWithin))),
  ];
}

/** The client's durations as the service's buckets may show them, cumulated. @param bounds upper, in seconds, without +Inf */
export function bucketed(
  clientSeconds: readonly number[],
  within: typeof fewestWithin | typeof mostWithin,
  bounds: readonly number[] = DEFAULT_DURATION_BUCKETS,
): Bucket[] {
  return [...bounds, Number.POSITIVE_INFINITY].map((upperBound) => ({
    upperBound,
    count: upperBound === Number.POSITIVE_INFINITY ? clientSeconds.length : within(clientSeconds, upperBound),
  }));
}
