/** What was counted between two scrapes, beside what a client knows to have happened in between. */
import assert from "node:assert/strict";
import type { App } from "../app.ts";
import { type Exposition, series, total } from "../exposition.ts";
import { countedSince } from "../route-table.ts";
import { activeRequests, assertIdentities, assertMonotonic } from "./identities.ts";

export interface Account {
  /** `<method> <status_code> <path>`: requests. */
  readonly counted?: Readonly<Record<string, number>>;
  /** `<method> <path>`: of those the aborted ones. */
  readonly aborted?: Readonly<Record<string, number>>;
  /** `<status_code>`: requests that the parser has rejected. */
  readonly rejected?: Readonly<Record<string, number>>;
}

/** `<values of these labels>`: how much the family has grown by. */
function growth(
  family: string,
  labels: readonly string[],
  before: Exposition,
  after: Exposition,
): Record<string, number> {
  const entries = series(after.samples, family).map((sample) => {
    const more = sample.value - total(before.samples, family, sample.labels);
    return [labels.map((label) => sample.labels[label]).join(" "), more] as const;
  });
  return Object.fromEntries(entries.filter(([, more]) => more !== 0));
}

function accountOf(before: Exposition, after: Exposition): Required<Account> {
  return {
    counted: countedSince(before, after),
    aborted: growth("http_requests_aborted_total", ["method", "path"], before, after),
    rejected: growth("http_parser_errors_total", ["status_code"], before, after),
  };
}

function sumOf({ counted = {}, rejected = {} }: Account): number {
  return [...Object.values(counted), ...Object.values(rejected)].reduce((sum, count) => sum + count, 0);
}

/** Has the client do what it does, and compares the books once as much has been counted as it says. */
export async function assertAccount(
  app: App,
  { counted = {}, aborted = {}, rejected = {} }: Account,
  run: () => Promise<unknown>,
): Promise<void> {
  const expected = { counted, aborted, rejected };
  const before = await app.scrape();
  await run();
  const after = await app.scrapeUntil(
    `there is as much as ${JSON.stringify(expected)}`,
    (exposition) => sumOf(accountOf(before, exposition)) >= sumOf(expected) && activeRequests(exposition) === 0,
  );
  assert.deepEqual(accountOf(before, after), expected);
  assertIdentities(after);
  assertMonotonic(before, after);
}
