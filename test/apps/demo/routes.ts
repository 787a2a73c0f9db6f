/** What `/metrics` says of each route: the numbers of the table, read from the parsed exposition and from nothing else. */
import { type Sample, series, total } from "../../support/exposition.ts";
import type { Bucket } from "./quantile.ts";

export interface Route {
  readonly method: string;
  readonly path: string;
  readonly requests: number;
  /** Status 400 and above. */
  readonly errors: number;
  /** Status 500 and above: the service's own fault. */
  readonly serverErrors: number;
  readonly aborted: number;
  readonly inFlight: number;
  /** Of the duration, over all statuses. */
  readonly buckets: readonly Bucket[];
}

/** Sorted by path, then method. */
export function routes(samples: readonly Sample[]): Route[] {
  const seen = new Map(
    series(samples, "http_requests_total").map(({ labels: { method = "", path = "" } }) => [
      `${path} ${method}`,
      { method, path },
    ]),
  );
  return [...seen.entries()]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([, route]) => ({ ...route, ...numbers(samples, route) }));
}

/** All routes in one: quantiles are those of all requests, not an average of quantiles. */
export function allRoutes(samples: readonly Sample[]): Route {
  return { method: "", path: "all routes", ...numbers(samples, {}) };
}

function numbers(samples: readonly Sample[], labels: Readonly<Record<string, string>>): Omit<Route, "method" | "path"> {
  const errors = series(samples, "http_errors_total", labels);
  return {
    requests: total(samples, "http_requests_total", labels),
    errors: errors.reduce((sum, { value }) => sum + value, 0),
    serverErrors: errors.reduce(
      (sum, { value, labels: { status_code } }) => sum + (Number(status_code) >= 500 ? value : 0),
      0,
    ),
    aborted: total(samples, "http_requests_aborted_total", labels),
    inFlight: total(samples, "http_requests_active", labels),
    buckets: sumByBound(series(samples, "http_request_duration_seconds_bucket", labels)),
  };
}

/** `sum by (le) (…)`. */
function sumByBound(samples: readonly Sample[]): Bucket[] {
  const counts = new Map<number, number>();
  for (const { labels, value } of samples) {
    const upperBound = labels.le === "+Inf" ? Infinity : Number(labels.le);
    counts.set(upperBound, (counts.get(upperBound) ?? 0) + value);
  }
  return [...counts].map(([upperBound, count]) => ({ upperBound, count })).sort((a, b) => a.upperBound - b.upperBound);
}
