/** The page of a service of several processes, compared with the client's books. */
import assert from "node:assert/strict";
import { type Exposition, parseExposition, type Sample, series, total } from "../exposition.ts";
import { until } from "../until.ts";
import type { Answer, Books } from "./books.ts";

const PAGE_MS = 15_000;

/** One scrape, parsed strictly. @throws Error where nobody answers in time, or the answer is no page */
export async function page(port: number, timeoutMs = PAGE_MS): Promise<Exposition> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(timeoutMs) });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`a scrape got ${response.status}: ${text}`);
  return parseExposition(text);
}

/** The process that answers a scrape. */
export function servingPid({ samples }: Exposition): number {
  return Number(series(samples, "target_info")[0]?.labels.process_pid);
}

/** The values of the label `worker` that a family has, sorted. */
export function workers({ samples }: Exposition, name = "process_start_time_seconds"): string[] {
  return series(samples, name)
    .map(({ labels }) => labels.worker ?? "none")
    .sort();
}

/** How many members there are, as the page says. */
export function members({ samples }: Exposition, state?: "fresh" | "stale"): number {
  return total(samples, "otel_red_workers", state === undefined ? {} : { state });
}

type Counts = Map<string, number>;

function countsOf(samples: readonly Sample[], name: string): Counts {
  return new Map(
    series(samples, name).map(({ labels, value }) => [`${labels.method} ${labels.status_code} ${labels.path}`, value]),
  );
}

/** What the page may say at least and at most, by method, status and path. */
interface Bounds {
  readonly least: Counts;
  /** By path: requests without an answer. They may be counted under any status. */
  readonly failed: Counts;
  readonly answered: Counts;
}

const add = (counts: Counts, key: string, more: number) => counts.set(key, (counts.get(key) ?? 0) + more);

function boundsOf(books: Books, mayBeLost: (answer: Answer) => boolean): Bounds {
  const bounds: Bounds = { least: new Map(), failed: new Map(), answered: new Map() };
  for (const answer of books.answers) {
    const key = `GET ${answer.status} ${answer.path}`;
    add(bounds.answered, key, 1);
    add(bounds.least, key, mayBeLost(answer) ? 0 : 1);
  }
  for (const { path } of books.failures) add(bounds.failed, path, 1);
  return bounds;
}

/** In what counts by method, status and path differ from the books; empty where they do not. */
function differences(counted: Counts, { least, failed, answered }: Bounds): string[] {
  const found: string[] = [];
  for (const [key, count] of least)
    if ((counted.get(key) ?? 0) < count) found.push(`${key}: ${counted.get(key) ?? 0}, not ${count} or more`);
  const beyond: Counts = new Map();
  for (const [key, count] of counted)
    add(beyond, key.split(" ")[2] ?? "", Math.max(0, count - (answered.get(key) ?? 0)));
  for (const [path, count] of beyond)
    if (count > (failed.get(path) ?? 0))
      found.push(`${path}: ${count} more than were answered, and ${failed.get(path) ?? 0} had no answer`);
  return found;
}

/** As `pageEqualsBooks`, of counts from elsewhere, by `<method> <status> <path>`. */
export function differencesOf(counted: Counts, books: Books, mayBeLost: (answer: Answer) => boolean): string[] {
  return differences(counted, boundsOf(books, mayBeLost));
}

/** The three families that come from one measurement say the same. */
function assertConsistent({ samples }: Exposition): void {
  const requests = countsOf(samples, "http_requests_total");
  assert.deepEqual(countsOf(samples, "http_request_duration_seconds_count"), requests);
  const isError = ([key, count]: [string, number]) => Number(key.split(" ")[1]) >= 400 && count > 0;
  const errors = [...countsOf(samples, "http_errors_total")].filter(([, count]) => count > 0);
  assert.deepEqual(new Map(errors), new Map([...requests].filter(isError)));
}

export interface Tolerance {
  /** Answers that the page may lack: the process was killed just after. Default: none. */
  readonly mayBeLost?: (answer: Answer) => boolean;
  /** Default: 5 s. A request is counted a moment after the client has its answer. */
  readonly withinMs?: number;
}

/** Polls until the page says what the books say. @throws Error with the differences where it does not in time */
export async function pageEqualsBooks(port: number, books: Books, tolerance: Tolerance = {}): Promise<Exposition> {
  const { mayBeLost = () => false, withinMs = 5_000 } = tolerance;
  const bounds = boundsOf(books, mayBeLost);
  let last: string[] = ["no page"];
  try {
    return await until("the page says what the books say", withinMs, async () => {
      const exposition = await page(port);
      assertConsistent(exposition);
      last = differences(countsOf(exposition.samples, "http_requests_total"), bounds);
      return last.length === 0 ? exposition : undefined;
    });
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${last.join("\n")}`, { cause: error });
  }
}

/** What a kill may cost: what was counted in the last 100 ms, and a little for the way to the client. */
const LOST_MS = 150;

/** Answers that the kill of a process may cost. @param by `<pid>.<thread>` @param endedAtMs when it was killed */
export function lastMomentsOf(by: string, endedAtMs: number): (answer: Answer) => boolean {
  return (answer) => answer.by === by && answer.receivedAtMs > endedAtMs - LOST_MS;
}

/** As `lastMomentsOf`, for all processes that have answered until they were killed. */
export function lastMoments(books: Books): (answer: Answer) => boolean {
  const endedAtMs = new Map(books.answers.map(({ by, receivedAtMs }) => [by, receivedAtMs]));
  return (answer) => lastMomentsOf(answer.by, endedAtMs.get(answer.by) ?? 0)(answer);
}
