/** The client's durations in the service's buckets: what a quantile that is computed from buckets can be. */
import { DEFAULT_DURATION_BUCKETS } from "../../../src/view/red.ts";
import type { Account, Books } from "../../apps/demo/books.ts";
import { type Bucket, histogramQuantile } from "../../apps/demo/quantile.ts";

/**
 * The client's clock and the service's, on a machine that is busy elsewhere.
 *
 * The client's begins before the service's, and mostly ends after it: the client waits for the way there and back, and for its
 * turn. It may end before: the answer is with the client as soon as the operating system has it, and the service's process waits
 * for its turn to hear so (`finish`). Of 20,000 answers on two busy cores one in eight was there first, by 0.1 ms mostly; one in
 * a hundred by more than 0.4 ms, one in a thousand by more than 10 ms, and one by 120 ms.
 */
export class Clocks {
  /** The longest that either of them waits for its turn: what the client waited for that was answered at once. */
  readonly #turnSeconds: number;

  constructor(answeredAtOnceSeconds: readonly number[] = []) {
    this.#turnSeconds = Math.max(USUAL_TURN_SECONDS, ...answeredAtOnceSeconds);
  }

  /** By what the shop's visitors asked for that there is not. */
  static of(...books: readonly Books[]): Clocks {
    const accounts = books.flatMap((each) => each.accounts());
    return new Clocks(accounts.flatMap(({ path, durationsSeconds }) => (path === "unmatched" ? durationsSeconds : [])));
  }

  /** Of requests that took so long by their client's clock, the fewest that took no longer than the bound by the service's. */
  fewestWithin(clientSeconds: readonly number[], boundSeconds: number): number {
    const certain = countWithin(clientSeconds, boundSeconds - this.#turnSeconds);
    return Math.max(certain, countWithin(clientSeconds, boundSeconds - HEARD_LATE_SECONDS) - veryLate(clientSeconds));
  }

  mostWithin(clientSeconds: readonly number[], boundSeconds: number): number {
    return countWithin(clientSeconds, boundSeconds + this.#turnSeconds);
  }

  /** Of the same, what their durations come to by the service's clock. */
  leastSeconds(clientSeconds: readonly number[]): number {
    return Math.max(0, sumOf(clientSeconds) - this.#turnSeconds * clientSeconds.length);
  }

  mostSeconds(clientSeconds: readonly number[]): number {
    const late = HEARD_LATE_SECONDS * clientSeconds.length + this.#turnSeconds * veryLate(clientSeconds);
    return sumOf(clientSeconds) + late;
  }

  /** The quantile of the service's buckets, linear within one. @param bounds upper, in seconds, without +Inf */
  leastQuantile(quantile: number, clientSeconds: readonly number[], bounds: readonly number[]): number {
    return histogramQuantile(
      quantile,
      cumulated(clientSeconds, bounds, (bound) => this.mostWithin(clientSeconds, bound)),
    );
  }

  mostQuantile(quantile: number, clientSeconds: readonly number[], bounds: readonly number[]): number {
    return histogramQuantile(
      quantile,
      cumulated(clientSeconds, bounds, (bound) => this.fewestWithin(clientSeconds, bound)),
    );
  }
}

/** On a machine that is not busier than two processes make it. */
const USUAL_TURN_SECONDS = 0.25;
/** Answers that the service hears of late are mostly not so much later, and few of them, but one at least, wait for a whole turn. */
const HEARD_LATE_SECONDS = 0.005;
const VERY_LATE_SHARE = 0.01;

function veryLate(clientSeconds: readonly number[]): number {
  return Math.ceil(VERY_LATE_SHARE * clientSeconds.length);
}

function sumOf(clientSeconds: readonly number[]): number {
  return clientSeconds.reduce((sum, seconds) => sum + seconds, 0);
}

function countWithin(clientSeconds: readonly number[], boundSeconds: number): number {
  return clientSeconds.filter((seconds) => seconds <= boundSeconds).length;
}

function cumulated(
  durationsSeconds: readonly number[],
  bounds: readonly number[],
  countUpTo: (bound: number) => number,
): Bucket[] {
  return [
    ...bounds.map((upperBound) => ({ upperBound, count: countUpTo(upperBound) })),
    { upperBound: Number.POSITIVE_INFINITY, count: durationsSeconds.length },
  ];
}

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
export function quantileBuckets(
  clocks: Clocks,
  quantile: number,
  clientSeconds: readonly number[],
): [least: number, most: number] {
  const bounds = DEFAULT_DURATION_BUCKETS;
  return [
    bucketOf(clocks.leastQuantile(quantile - QUANTILE_ERROR, clientSeconds, bounds)),
    bucketOf(clocks.mostQuantile(Math.min(quantile + QUANTILE_ERROR, 1), clientSeconds, bounds)),
  ];
}
