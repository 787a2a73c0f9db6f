/** The parts that the panels' PromQL is made of: selectors by the dashboard's variables, and what counters have gained. */
import { FAMILIES, LABEL_METHOD, LABEL_SERVICE, LABEL_STATUS_CODE } from "../../../view/red.ts";
import { indented } from "../prometheus/promql.ts";

/** Names of the dashboard's variables. */
export const VARIABLES = {
  datasource: "datasource",
  service: "service",
  instance: "instance",
  method: "method",
  path: "path",
} as const;

/** Attached by Prometheus to every series that it scrapes. */
export const LABEL_INSTANCE = "instance";
const LABEL_JOB = "job";

/** By what became of them, requests as the objectives and the alerts tell them apart. */
export const ENDED = {
  /** The service's own failures. */
  failed: `${LABEL_STATUS_CODE}=~"5.."`,
  /** Wrong requests, and connections that went away before an answer (499). */
  refused: `${LABEL_STATUS_CODE}=~"4.."`,
  /** A quick 404 is not fast service, and a client that gave up says how patient it was. */
  succeeded: `${LABEL_STATUS_CODE}!~"4..|5.."`,
  /** Nobody waits for the answer to a wrong request; who gave up (499) did wait. */
  waitedFor: `${LABEL_STATUS_CODE}=~"1..|2..|3..|5..|499"`,
  /** Gone before any answer. */
  givenUp: `${LABEL_STATUS_CODE}="499"`,
} as const;

/** A range in PromQL, and the same in seconds, both filled in by Grafana. */
export interface Window {
  readonly range: string;
  readonly seconds: string;
}

/** All that the dashboard shows: for one number over the chosen time. */
export const SHOWN: Window = { range: "$__range", seconds: "$__range_s" };
/** Around each point of a curve: wide enough for four scrapes, and no point is left out between two of them. */
export const AROUND: Window = { range: "$__rate_interval", seconds: "($__rate_interval_ms / 1000)" };

/**
 * A matcher of the values that are chosen in a variable, as Grafana fills it in: a regular expression, here in a string
 * without escapes. The usual `=~"$service"` is no query any more where a value has a quote in it.
 * https://grafana.com/docs/grafana/latest/dashboards/variables/variable-syntax/#regex
 */
export function matches(label: string, variable: string): string {
  return `${label}=~\`\${${variable}:regex}\``;
}

/** A selector of the chosen instances, for what is about the process and knows no request. */
export function ofInstances(metric: string): string {
  return `${metric}{${matches(LABEL_INSTANCE, VARIABLES.instance)}}`;
}

export interface Query {
  /** The labels of a route: service, method and the one that carries it. */
  readonly routeLabels: readonly string[];
  /** The label that carries the route. */
  readonly pathLabel: string;
  /** A selector of the chosen requests. `matchers` come on top, separated by commas. */
  chosen(metric: string, ...matchers: readonly string[]): string;
  /** What each series of a counter has gained in the window, its birth included. See `gained` below. */
  gained(metric: string, window: Window, ...matchers: readonly string[]): string;
  /** Requests that have ended in the window. */
  requests(window: Window, ...matchers: readonly string[]): string;
}

export function queryFor(pathLabel: string): Query {
  const selected = [
    matches(LABEL_SERVICE, VARIABLES.service),
    matches(LABEL_INSTANCE, VARIABLES.instance),
    matches(LABEL_METHOD, VARIABLES.method),
    matches(pathLabel, VARIABLES.path),
  ];
  const chosen: Query["chosen"] = (metric, ...matchers) => `${metric}{${[...selected, ...matchers].join(", ")}}`;
  const gainedBy: Query["gained"] = (metric, window, ...matchers) => gained(chosen(metric, ...matchers), window);
  const routeLabels = [LABEL_SERVICE, LABEL_METHOD, pathLabel];
  return {
    routeLabels,
    pathLabel,
    chosen,
    gained: gainedBy,
    requests: (window, ...matchers) => gainedBy(FAMILIES.requests.name, window, ...matchers),
  };
}

/**
 * `increase()`, and what it does not see: the value with which a series is born inside the window.
 *
 * A label set comes into being with its first request, so that the first 500 of a route is a new series that starts at 1:
 * `increase()` knows no value before it and says 0, or nothing. Such a series is one that was not there where the window
 * begins, and that has fewer samples in it than its target has scrapes that went well. A target that is new itself, or back
 * from an outage, shows its series at its first scrape: what they had by then was not gained in this window.
 *
 * The value at its birth is the least that it had; where the process was started anew in the same window, and counts from 1
 * again, that may be too little. Prometheus has no function for the first value of a range that every version knows.
 *
 * `or` keeps both parts because the second has a label more, which the aggregation around it drops.
 */
function gained(selector: string, { range }: Window): string {
  const target = `${LABEL_JOB}, ${LABEL_INSTANCE}`;
  return `increase(${selector}[${range}])
or
label_replace(
  (min_over_time(${selector}[${range}]) unless ${selector} offset ${range})
  and
  count_over_time(${selector}[${range}])
    < on (${target}) group_left ()
  max by (${target}) (sum_over_time(up[${range}])),
  "born", "here", "", ""
)`;
}

/** The sum of the series; one for each combination of the labels that are named. */
export function sum(series: string, ...by: readonly string[]): string {
  return `sum${by.length === 0 ? "" : ` by (${by.join(", ")})`} (\n${indented(series)}\n)`;
}

/** The same, per second of the window in which the series have gained that. */
export function perSecond(gained: string, { seconds }: Window, ...by: readonly string[]): string {
  return `${sum(gained, ...by)} / ${seconds}`;
}

/**
 * One quantile of the duration, in seconds, of the buckets that `buckets` counts; one for each combination of the labels.
 * Of no requests the quantile is NaN, which the comparison drops: it would be a row of a table.
 */
export function quantile(level: number, buckets: string, ...by: readonly string[]): string {
  return `histogram_quantile(${level},\n${indented(sum(buckets, ...by, "le"))}\n) >= 0`;
}

/** `part / whole`, where no part at all means none: 0, not a gap. Without a whole there is no ratio. */
export function ratio(part: string, whole: string, ...by: readonly string[]): string {
  const total = sum(whole, ...by);
  const none = by.length === 0 ? "vector(0)" : `0 * ${total}`;
  return `(\n${indented(`${sum(part, ...by)}\nor\n${none}`)}\n)\n/\n(${total} > 0)`;
}

/** A legend that names these labels. */
export function legendOf(labels: readonly string[]): string {
  return labels.map((label) => `{{${label}}}`).join(" ");
}
