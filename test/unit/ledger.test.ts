import { ok } from "node:assert/strict";
import { Books } from "../apps/demo/books.ts";
import { Clocks, quantileBuckets } from "../support/books/durations.ts";
import {
  type Bounds,
  type Entry,
  ledger,
  quantileBounds,
  requests,
  seconds,
  within,
} from "../support/grafana/ledger.ts";

const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

/** One entry of requests that took so long by the client's clock. */
function entryOf(durationsSeconds: readonly number[], afterRestart: readonly number[] = []): Entry {
  const [first, second] = [durationsSeconds, afterRestart].map((durations) => {
    const books = new Books();
    for (const durationSeconds of durations)
      books.record({ method: "GET", path: "/", status: 200, aborted: false, durationSeconds });
    return books;
  }) as [Books, Books];
  const [entry] = ledger("shop", "path", [first], [second]);
  return entry as Entry;
}

const clocks = new Clocks();
const times = (count: number, value: number) => Array.from({ length: count }, () => value);
const inside = (value: number, [least, most]: Bounds) => least <= value && value <= most;

/** What the service's clock says, beside what its client's does. */
const POSSIBLE: readonly { name: string; client: readonly number[]; service: readonly number[] }[] = [
  { name: "the client waits for its turn", client: [0.2], service: [0.001] },
  {
    name: "the client has the answer before the service has heard that it is sent",
    client: [0.0009],
    service: [0.0011],
  },
  { name: "and a busy machine keeps the service waiting", client: [0.0009], service: [0.12] },
  {
    name: "one of many is heard of late, across the bounds of its bucket",
    client: [...times(99, 0.0049), 0.24],
    service: [...times(98, 0.0049), 0.12, 0.2401],
  },
];

const IMPOSSIBLE: readonly { name: string; client: readonly number[]; service: readonly number[] }[] = [
  { name: "milliseconds", client: times(50, 0.002), service: times(50, 2) },
  { name: "milliseconds, of a single request", client: [0.002], service: [2] },
  { name: "microseconds", client: times(50, 0.4), service: times(50, 0.0000004) },
  { name: "all heard of late", client: times(50, 0.002), service: times(50, 0.12) },
  { name: "no more than half of the time", client: times(50, 0.8), service: times(50, 0.4) },
];

const sumOf = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0);

describe("what the client's books have to say about the service's durations", () => {
  for (const { name, client, service } of POSSIBLE)
    it(`${name}: within the bounds`, () => {
      const entry = entryOf(client);
      ok(inside(sumOf(service), seconds(clocks)(entry)));
      for (const bound of BUCKETS) {
        const count = service.filter((each) => each <= bound).length;
        ok(inside(count, within(clocks, bound)(entry)), `${count} within ${bound} s`);
      }
      const median = service.toSorted((a, b) => a - b)[Math.ceil(service.length / 2) - 1] as number;
      ok(inside(median, quantileBounds(clocks, 0.5, [entry], BUCKETS)));
    });

  for (const { name, client, service } of IMPOSSIBLE)
    it(`${name}: not within the bounds`, () => {
      const entry = entryOf(client);
      ok(!inside(sumOf(service), seconds(clocks)(entry)));
      const median = service[0] as number;
      ok(!inside(median, quantileBounds(clocks, 0.5, [entry], [...BUCKETS, 5])));
    });

  it("where the client waited longer for what is answered at once, it may have waited as long for the rest", () => {
    const entry = entryOf(times(20, 0.7));
    const ofABusyMachine = new Clocks([0.002, 0.6]);
    ok(!inside(0.2, quantileBounds(clocks, 0.5, [entry], BUCKETS)));
    ok(inside(0.2, quantileBounds(ofABusyMachine, 0.5, [entry], BUCKETS)));
    ok(!inside(2, quantileBounds(ofABusyMachine, 0.5, [entry], [...BUCKETS, 5])));
    ok(inside(20 * 0.2, seconds(ofABusyMachine)(entry)) && !inside(20 * 0.2, seconds(clocks)(entry)));
  });

  it("a status that is missing is none of the books'", () => {
    const slow = entryOf(times(10, 0.6));
    for (const bounds of [requests(slow), seconds(clocks)(slow), within(clocks, 1)(slow)]) ok(!inside(0, bounds));
  });

  it("what was counted before a restart may not be seen where the process after it has counted as much", () => {
    const entry = entryOf(times(3, 0.4), times(3, 0.4));
    ok(inside(3, requests(entry)) && inside(6, requests(entry)) && !inside(2, requests(entry)));
    ok(inside(1.2, seconds(clocks)(entry)) && inside(2.4, seconds(clocks)(entry)));
  });

  it("a quantile of few requests is in the bucket next to the client's, where that is how late the service may hear", () => {
    const [least, most] = quantileBuckets(clocks, 0.95, times(3, 0.0049));
    ok(least === 0 && most >= 1);
  });
});
