/** What must hold at every scrape, whatever the traffic, and from one scrape to the next. */
import assert from "node:assert/strict";
import { type Exposition, type Sample, series } from "../exposition.ts";

const IS_COUNTER = /_(?:total|bucket|count|sum)$/;

/** One measurement, shown three ways: for every label set the families have the same number. */
export function assertIdentities({ samples }: Exposition): void {
  const requests = bySeries(samples, "http_requests_total");
  const isError = ([labels]: [string, number]) => Number(JSON.parse(labels).status_code) >= 400;
  const infinite = series(samples, "http_request_duration_seconds_bucket", { le: "+Inf" });
  assert.deepEqual(bySeries(samples, "http_request_duration_seconds_count"), requests);
  assert.deepEqual(bySeries(infinite, "http_request_duration_seconds_bucket"), requests);
  assert.deepEqual(bySeries(samples, "http_errors_total"), new Map([...requests].filter(isError)));
  for (const { labels, value } of series(samples, "http_requests_active")) {
    assert.ok(value >= 0 && Number.isInteger(value), `http_requests_active ${JSON.stringify(labels)} is ${value}`);
  }
}

/** No counter has gone back, and none is gone. */
export function assertMonotonic(before: Exposition, after: Exposition): void {
  const values = new Map(after.samples.map(({ name, labels, value }) => [`${name} ${keyOf(labels)}`, value]));
  for (const { name, labels, value } of before.samples) {
    // prom-client's names, which the runtime's metrics have, end some gauges in _total
    if (!IS_COUNTER.test(name) || before.families.get(name)?.type === "gauge") continue;
    const now = values.get(`${name} ${keyOf(labels)}`);
    assert.ok(now !== undefined && now >= value, `${name} ${keyOf(labels)} was ${value} and is ${now}`);
  }
}

/** Requests in flight, all series together. */
export function activeRequests({ samples }: Exposition): number {
  return series(samples, "http_requests_active").reduce((sum, { value }) => sum + value, 0);
}

/** Values by their labels, without `le` and `service`. */
function bySeries(samples: readonly Sample[], name: string): Map<string, number> {
  return new Map(series(samples, name).map(({ labels: { le: _, ...labels }, value }) => [keyOf(labels), value]));
}

function keyOf(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(labels, Object.keys(labels).sort());
}
