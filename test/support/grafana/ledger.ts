/**
 * The books of all the shop's visitors, as bounds of what Prometheus may say that its counters have gained.
 *
 * Three things are the scrape's error. Between two scrapes nobody knows when: `increase()` extends what it saw to the ends
 * of its range. A process that was started anew, and by its first scrape has counted at least as much as the one before
 * it, looks as if it had gone on, and what the old one had is not seen again. And the client's clock sees the way there and
 * back, which the service's does not.
 */
import type { Account, Books } from "../../apps/demo/books.ts";
import { type Bucket, histogramQuantile } from "../../apps/demo/quantile.ts";

/** The least and the most that may be answered. */
export type Bounds = readonly [least: number, most: number];

/** A label set with what the client knows of it. Durations in seconds. */
export interface Entry {
  readonly labels: Readonly<Record<string, string>>;
  readonly status: number;
  /** By processes: those that Prometheus had before the first of the others, and so on. */
  readonly first: Part;
  readonly second: Part;
}

interface Part {
  readonly durationsSeconds: readonly number[];
  readonly aborted: number;
}

/** The client waits for its turn on a busy machine, and for the way there and back. */
const ON_THE_WAY_SECONDS = 0.1;
const NOTHING: Part = { durationsSeconds: [], aborted: 0 };

/** @param name what the labels are called that carry service and route */
export function ledger(
  service: string,
  pathLabel: string,
  ...processes: readonly [first: readonly Books[], second: readonly Books[]]
): Entry[] {
  const entries = new Map<string, { labels: Entry["labels"]; status: number; parts: Part[] }>();
  for (const [process, books] of processes.entries()) {
    for (const account of books.flatMap((each) => each.accounts())) {
      const { method, path, status } = account;
      const labels = { service, method, [pathLabel]: path, status_code: String(status) };
      const key = JSON.stringify(labels);
      const entry = entries.get(key) ?? { labels, status, parts: [NOTHING, NOTHING] };
      entry.parts[process] = added(entry.parts[process] as Part, account);
      entries.set(key, entry);
    }
  }
  return [...entries.values()].map(({ labels, status, parts }) => ({
    labels,
    status,
    first: parts[0] as Part,
    second: parts[1] as Part,
  }));
}

function added({ durationsSeconds, aborted }: Part, account: Account): Part {
  return {
    durationsSeconds: [...durationsSeconds, ...account.durationsSeconds],
    aborted: aborted + account.aborted,
  };
}

/** What a counter gains that is at `first` when one process ends, and at `second` when the next has done its work. */
function gained(first: number, second: number): Bounds {
  const unseen = second >= first ? Math.min(first, second) : 0;
  return [first + second - unseen, first + second];
}

/** Requests of the entry. */
export function requests({ first, second }: Entry): Bounds {
  return gained(first.durationsSeconds.length, second.durationsSeconds.length);
}

export function aborted({ first, second }: Entry): Bounds {
  return gained(first.aborted, second.aborted);
}

/** Requests that took no longer than that. */
export function within(boundSeconds: number): (entry: Entry) => Bounds {
  const most = ({ durationsSeconds }: Part) =>
    durationsSeconds.filter((seconds) => seconds - ON_THE_WAY_SECONDS <= boundSeconds).length;
  const least = ({ durationsSeconds }: Part) => durationsSeconds.filter((seconds) => seconds <= boundSeconds).length;
  return ({ first, second }) => [gained(least(first), least(second))[0], most(first) + most(second)];
}

/** Seconds spent in the entry's requests. */
export function seconds({ first, second }: Entry): Bounds {
  const sum = ({ durationsSeconds }: Part) => durationsSeconds.reduce((total, each) => total + each, 0);
  const onTheWay = ON_THE_WAY_SECONDS * (first.durationsSeconds.length + second.durationsSeconds.length);
  const [least, most] = gained(sum(first), sum(second));
  return [Math.max(0, least - onTheWay), most];
}

export function plus(a: Bounds, b: Bounds): Bounds {
  return [a[0] + b[0], a[1] + b[1]];
}

/** By the values of the labels, joined by a space. */
export function sumBy(
  entries: readonly Entry[],
  labels: readonly string[],
  amount: (entry: Entry) => Bounds,
): Map<string, Bounds> {
  const sums = new Map<string, Bounds>();
  for (const entry of entries) {
    const key = keyOf(entry.labels, labels);
    sums.set(key, plus(sums.get(key) ?? [0, 0], amount(entry)));
  }
  return sums;
}

export function keyOf(labels: Readonly<Record<string, string>>, names: readonly string[]): string {
  return names.map((name) => labels[name] ?? "").join(" ");
}

/** The upper bounds, in seconds, of the buckets that the quantile may lie in, and the bound below: it may lie anywhere between. */
export function quantileBounds(level: number, entries: readonly Entry[], bucketBounds: readonly number[]): Bounds {
  const unseen = ({ first, second }: Entry) => second.durationsSeconds.length >= first.durationsSeconds.length;
  const all = entries.flatMap(({ first, second }) => [...first.durationsSeconds, ...second.durationsSeconds]);
  const seen = entries.flatMap((entry) => [
    ...(unseen(entry) && entry.second.durationsSeconds.length > 0 ? [] : entry.first.durationsSeconds),
    ...entry.second.durationsSeconds,
  ]);
  const last = bucketBounds.at(-1) as number;
  const quantiles = [all, seen].flatMap((durations) =>
    [0, ON_THE_WAY_SECONDS].map((way) =>
      histogramQuantile(
        level,
        bucketed(
          durations.map((duration) => duration - way),
          bucketBounds,
        ),
      ),
    ),
  );
  const lowest = Math.min(...quantiles);
  const highest = Math.max(...quantiles);
  return [
    bucketBounds.findLast((bound) => bound < lowest) ?? 0,
    bucketBounds.find((bound) => bound >= highest) ?? last,
  ];
}

function bucketed(durationsSeconds: readonly number[], bucketBounds: readonly number[]): Bucket[] {
  return [...bucketBounds, Number.POSITIVE_INFINITY].map((upperBound) => ({
    upperBound,
    count: durationsSeconds.filter((duration) => duration <= upperBound).length,
  }));
}
