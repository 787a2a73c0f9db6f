/**
 * The books of all the shop's visitors, as bounds of what Prometheus may say that its counters have gained.
 *
 * These are the scrape's errors. Between two scrapes nobody knows when: `increase()` extends what it saw to the ends
 * of its range. A process that was started anew, and by its first scrape has counted at least as much as the one before
 * it, looks as if it had gone on, and what the old one had is not seen again; and where it has counted less, the least value
 * that its series had may be less than the one at which it was born. And the client's clock is not the service's: ../books/durations.ts.
 */
import type { Account, Books } from "../../apps/demo/books.ts";
import type { Clocks } from "../books/durations.ts";

/** The least and the most that may be answered. */
export type Bounds = readonly [least: number, most: number];

/** A label set with what the client knows of it. Durations in seconds. */
export interface Entry {
  readonly labels: Readonly<Record<string, string>>;
  readonly status: number;
  /** By processes: those that Prometheus had before the first of the others, and so on. */
  readonly first: Part;
  readonly second: Part;
  /** The part of `first` that its first scrape may have found there already. */
  readonly born: Part;
}

interface Part {
  readonly durationsSeconds: readonly number[];
  readonly aborted: number;
}

const NOTHING: Part = { durationsSeconds: [], aborted: 0 };

/** @param processes the books of the one before the restart, in the order of their scrapes, and of the one after it */
export function ledger(
  service: string,
  pathLabel: string,
  ...processes: readonly [first: readonly Books[], second: readonly Books[]]
): Entry[] {
  const entries = new Map<string, { labels: Entry["labels"]; status: number; parts: [Part, Part]; born?: Part }>();
  for (const [process, books] of processes.entries()) {
    for (const account of books.flatMap((each) => each.accounts())) {
      const { method, path, status } = account;
      const labels = { service, method, [pathLabel]: path, status_code: String(status) };
      const key = JSON.stringify(labels);
      const entry = entries.get(key) ?? { labels, status, parts: [NOTHING, NOTHING] };
      entries.set(key, entry);
      entry.parts[process as 0 | 1] = added(entry.parts[process as 0 | 1], account);
      entry.born ??= process === 0 ? account : NOTHING;
    }
  }
  return [...entries.values()].map(({ labels, status, parts: [first, second], born = NOTHING }) => ({
    labels,
    status,
    first,
    second,
    born,
  }));
}

function added({ durationsSeconds, aborted }: Part, account: Account): Part {
  return {
    durationsSeconds: [...durationsSeconds, ...account.durationsSeconds],
    aborted: aborted + account.aborted,
  };
}

/** What is seen of a counter that shows, of a part of the entry, no less than `least` and no more than `most`. */
function gained({ first, second, born }: Entry, least: Amount, most: Amount = least): Bounds {
  const all: Bounds = [least(first) + least(second), most(first) + most(second)];
  if (most(second) === 0) return all;
  const unseen = most(second) >= least(first) ? first : born;
  return [Math.max(least(second), all[0] - most(unseen)), all[1]];
}

type Amount = (part: Part) => number;

/** Requests of the entry. */
export function requests(entry: Entry): Bounds {
  return gained(entry, ({ durationsSeconds }) => durationsSeconds.length);
}

export function aborted(entry: Entry): Bounds {
  return gained(entry, (part) => part.aborted);
}

/** Requests that took no longer than that. */
export function within(clocks: Clocks, boundSeconds: number): (entry: Entry) => Bounds {
  return (entry) =>
    gained(
      entry,
      ({ durationsSeconds }) => clocks.fewestWithin(durationsSeconds, boundSeconds),
      ({ durationsSeconds }) => clocks.mostWithin(durationsSeconds, boundSeconds),
    );
}

/** Seconds spent in the entry's requests. */
export function seconds(clocks: Clocks): (entry: Entry) => Bounds {
  return (entry) =>
    gained(
      entry,
      ({ durationsSeconds }) => clocks.leastSeconds(durationsSeconds),
      ({ durationsSeconds }) => clocks.mostSeconds(durationsSeconds),
    );
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
export function quantileBounds(
  clocks: Clocks,
  level: number,
  entries: readonly Entry[],
  bucketBounds: readonly number[],
): Bounds {
  const unseen = ({ first, second }: Entry) => second.durationsSeconds.length >= first.durationsSeconds.length;
  const all = entries.flatMap(({ first, second }) => [...first.durationsSeconds, ...second.durationsSeconds]);
  const seen = entries.flatMap((entry) => [
    ...(unseen(entry) && entry.second.durationsSeconds.length > 0 ? [] : entry.first.durationsSeconds),
    ...entry.second.durationsSeconds,
  ]);
  const last = bucketBounds.at(-1) as number;
  const lowest = Math.min(...[all, seen].map((durations) => clocks.leastQuantile(level, durations, bucketBounds)));
  const highest = Math.max(...[all, seen].map((durations) => clocks.mostQuantile(level, durations, bucketBounds)));
  return [
    bucketBounds.findLast((bound) => bound < lowest) ?? 0,
    bucketBounds.find((bound) => bound >= highest) ?? last,
  ];
}
