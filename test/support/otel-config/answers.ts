/** What the questions of otel-config/README.md must be answered with, by the books of the client that made the traffic. */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { Account, Books } from "../../apps/demo/books.ts";
import { bucketOf, Clocks, durationsByPath, quantileBuckets, sumByPath } from "../books/durations.ts";
import { SCRAPE_INTERVAL_SECONDS, type Series } from "../servers/prometheus.ts";

/** What was asked about. */
export interface Watched {
  /** Of all the requests in that time. */
  readonly books: Books;
  readonly durationSeconds: number;
  /** Since when requests to one route failed, and until when at the latest the first of them had; in seconds since the epoch. */
  readonly failingFromSeconds: number;
  readonly failedBySeconds: number;
}

type Numbers = ReadonlyMap<string, number>;

const requests = ({ count }: Account) => count;
const failures = ({ status, count }: Account) => (status >= 500 ? count : 0);
const sum = (numbers: Iterable<number>) => [...numbers].reduce((total, value) => total + value, 0);
const by = (label: string, answer: readonly Series[]): Numbers =>
  new Map(answer.map(({ metric, value }) => [metric[label] ?? "", value]));

/** The answer to a question that has but one. */
function only(answer: readonly Series[]): number {
  equal(answer.length, 1);
  return answer[0]?.value ?? Number.NaN;
}

/** A scrape interval at either end of the range is what `rate` and `increase` guess at. */
function nearly(what: string, found: number, expected: number, { durationSeconds }: Watched): void {
  const share = (2 * SCRAPE_INTERVAL_SECONDS) / (durationSeconds - 2 * SCRAPE_INTERVAL_SECONDS);
  ok(
    Math.abs(found - expected) <= expected * share + 1e-9,
    `${what}: ${found} in Prometheus, ${expected} in the books`,
  );
}

/** What is 0 in one of them may be missing in the other. */
function nearlyAll(found: Numbers, expected: Numbers, watched: Watched): void {
  ok(sum(expected.values()) > 0, "the traffic has none of what is asked for");
  for (const key of new Set([...found.keys(), ...expected.keys()]))
    nearly(key, found.get(key) ?? 0, expected.get(key) ?? 0, watched);
}

/** So many, and none of the others has more than the least of them. */
function highest(amount: number, found: Numbers, expected: Numbers, watched: Watched): void {
  equal(found.size, amount);
  nearlyAll(found, new Map([...expected].filter(([key]) => found.has(key))), watched);
  const least = Math.min(...[...found.keys()].map((key) => expected.get(key) ?? 0));
  for (const [key, value] of expected)
    if (!found.has(key) && value > least) nearly(`${key}, which is not among them`, least, value, watched);
}

function inBuckets(quantile: number, found: Numbers, books: Books): void {
  const durations = durationsByPath(books);
  for (const [path, seconds] of found) {
    const [least, most] = quantileBuckets(Clocks.of(books), quantile, durations.get(path) ?? []);
    const bucket = bucketOf(seconds);
    ok(least <= bucket && bucket <= most, `${path}: ${seconds} s, bucket ${least} to ${most} in the books`);
  }
}

function countByStatus(books: Books, fromStatus: number): Numbers {
  const counts = new Map<string, number>();
  for (const { status, count } of books.accounts())
    if (status >= fromStatus) counts.set(String(status), (counts.get(String(status)) ?? 0) + count);
  return counts;
}

/** By question. @throws AssertionError where the answer is not that of the books */
export const ANSWERS: Readonly<Record<string, (answer: readonly Series[], watched: Watched) => void>> = {
  "How many requests a second, by route?"(answer, watched) {
    const perSecond = sumByPath(watched.books, ({ count }) => count / watched.durationSeconds);
    nearlyAll(by("path", answer), perSecond, watched);
  },
  "How many in the last hour?"(answer, watched) {
    nearly("requests", only(answer), sum(sumByPath(watched.books, requests).values()), watched);
  },
  "How many are in flight?"(answer, { books }) {
    const active = by("path", answer);
    equal(sum(active.values()), 0); // all have ended
    for (const path of sumByPath(books, requests).keys()) ok(active.has(path), path);
  },
  "How many fail by the service's own fault, as a share of each route's?"(answer, watched) {
    const all = sumByPath(watched.books, requests);
    const failed = [...sumByPath(watched.books, failures)];
    nearlyAll(
      by("path", answer),
      new Map(failed.map(([path, count]) => [path, count / (all.get(path) ?? 0)])),
      watched,
    );
  },
  "How many get an error of any kind, by status?"(answer, watched) {
    nearlyAll(by("status_code", answer), countByStatus(watched.books, 400), watched);
  },
  "How many clients leave before they have their answer, by route?"(answer, watched) {
    nearlyAll(
      by("path", answer),
      sumByPath(watched.books, ({ aborted }) => aborted),
      watched,
    );
  },
  "How slow is it: the time within which 95 % are answered, in seconds, by route?"(answer, { books }) {
    const found = by("path", answer);
    deepEqual([...found.keys()].sort(), [...sumByPath(books, requests).keys()].sort());
    inBuckets(0.95, found, books);
  },
  "How slow on average, in seconds?"(answer, watched) {
    const durations = [...durationsByPath(watched.books).values()].flat();
    const mean = sum(durations) / durations.length;
    const most = Clocks.of(watched.books).mostSeconds(durations) / durations.length;
    const found = only(answer);
    // what is answered at once is the way there and back
    const way = watched.books
      .accounts()
      .flatMap((account) => (account.path === "unmatched" ? account.durationsSeconds : []));
    const least = (mean - sum(way) / way.length) / 2;
    ok(least > 0 && found >= least, `${found} s in Prometheus, ${mean} s in the books, at least ${least}`);
    if (found > most) nearly("mean", found, most, watched);
  },
  "How many are answered within half a second, as a share? The bound has to be one of the buckets."(answer, watched) {
    const durations = [...durationsByPath(watched.books).values()].flat();
    const clocks = Clocks.of(watched.books);
    const least = 1 - clocks.mostWithin(durations, 0.5) / durations.length;
    const most = 1 - clocks.fewestWithin(durations, 0.5) / durations.length;
    ok(most > 0, "the traffic has no slow requests");
    const found = 1 - only(answer); // the rest, which is few: a scrape's error of all would hide them
    if (found < least) nearly("longer", found, least, watched);
    if (found > most) nearly("longer", found, most, watched);
  },
  "Which three routes are busiest?"(answer, watched) {
    const perSecond = sumByPath(watched.books, ({ count }) => count / watched.durationSeconds);
    highest(3, by("path", answer), perSecond, watched);
  },
  "Which route fails most?"(answer, watched) {
    highest(1, by("path", answer), sumByPath(watched.books, failures), watched);
  },
  "Which three routes are slowest?"(answer, { books }) {
    const found = by("path", answer);
    equal(found.size, 3);
    inBuckets(0.95, found, books);
    const least = Math.min(...[...found.values()].map(bucketOf));
    for (const [path, durations] of durationsByPath(books))
      ok(found.has(path) || quantileBuckets(Clocks.of(books), 0.95, durations)[0] <= least, `${path} is slower`);
  },
  "Since when do more than 5 % of a route fail, within the last six hours, in seconds since 1970?"(answer, watched) {
    const { failingFromSeconds, failedBySeconds } = watched;
    const since = by("path", answer);
    deepEqual([...since.keys()], ["/api/orders/:id/payment"]);
    const found = sum(since.values());
    ok(
      failingFromSeconds <= found && found <= failedBySeconds,
      `${found}, not ${failingFromSeconds}–${failedBySeconds}`,
    );
  },
};
