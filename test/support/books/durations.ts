/** The client's durations in the service's buckets: what a quantile that is computed from buckets can be. */
import { DEFAULT_DURATION_BUCKETS } from "../../../src/view/red.ts";
import type { Account, Books } from "../../apps/demo/books.ts";
import { histogramQuantile } from "../../apps/demo/quantile.ts";

/** The client sees what the server sees and a little more: on a busy machine it waits for its turn. */
export const ON_THE_WAY_SECONDS = 0.25;
/** `rate` guesses at the ends of each series by itself, so that they weigh a little more or less than they should. */
const QUANTILE_ERROR = 0.03;

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
  const onTheServer = clientSeconds.map((seconds) => seconds - ON_THE_WAY_SECONDS);
  return [
    bucketOf(histogramQuantile(quantile - QUANTILE_ERROR, bucketed(onTheServer))),
    bucketOf(histogramQuantile(Math.min(quantile + QUANTILE_ERROR, 1), bucketed(clientSeconds))),
  ];
}

/** Cumulated. */
function bucketed(durationsSeconds: readonly number[]) {
  return [...DEFAULT_DURATION_BUCKETS, Number.POSITIVE_INFINITY].map((upperBound) => ({
    upperBound,
    count: durationsSeconds.filter((seconds) => seconds <= upperBound).length,
  }));
}
