/** The client's books held against the exposition: every count that both of them know. */
import { type Sample, series } from "../../support/exposition.ts";
import type { Books } from "./books.ts";

/** What is compared, and by which labels: others, such as `service`, are summed over. */
const COMPARED: Readonly<Record<string, readonly string[]>> = {
  http_requests_total: ["method", "path", "status_code"],
  http_errors_total: ["method", "path", "status_code"],
  http_request_duration_seconds_count: ["method", "path", "status_code"],
  http_requests_aborted_total: ["method", "path"],
  http_requests_active: ["method", "path"],
  otel_red_requests_excluded_total: [],
};

/** One line for each number on which the two do not agree exactly, also where only one of them has it; none if all is well. */
export function differences(books: Books, samples: readonly Sample[]): string[] {
  const expected = fromBooks(books);
  const actual = new Tally();
  for (const name of Object.keys(COMPARED)) {
    for (const { labels, value } of series(samples, name)) actual.add(name, labels, value);
  }
  return [...new Set([...expected.keys(), ...actual.keys()])]
    .filter((key) => actual.of(key) !== expected.of(key))
    .sort()
    .map((key) => `${key}: ${actual.of(key)} in /metrics, ${expected.of(key)} in the client's books`);
}

/** All requests have ended by now, so that nothing is expected of `http_requests_active`. */
function fromBooks(books: Books): Tally {
  const tally = new Tally();
  for (const { method, path, status, count, aborted } of books.accounts()) {
    const labels = { method, path, status_code: String(status) };
    tally.add("http_requests_total", labels, count);
    if (status >= 400) tally.add("http_errors_total", labels, count);
    tally.add("http_request_duration_seconds_count", labels, count);
    tally.add("http_requests_aborted_total", labels, aborted);
  }
  tally.add("otel_red_requests_excluded_total", {}, books.excluded);
  return tally;
}

class Tally {
  readonly #counts = new Map<string, number>();

  add(name: string, labels: Readonly<Record<string, string>>, count: number): void {
    const compared = COMPARED[name]?.map((label) => `${label}=${JSON.stringify(labels[label] ?? "")}`);
    const key = `${name}{${compared?.join(",")}}`;
    this.#counts.set(key, this.of(key) + count);
  }

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  keys(): Iterable<string> {
    return this.#counts.keys();
  }
}
