/**
 * The custom view: what OpenTelemetry measures, in the names, labels and buckets of RED.
 *
 * One instrument comes in, `http.server.request.duration` of the semantic conventions, with OpenTelemetry's
 * attributes; one histogram goes out under its RED name and labels. The other families are derived from that
 * histogram, so that they cannot disagree with it (see families.ts). No other file states a metric name, a help
 * text, a label or a boundary.
 */
import { type Attributes, ValueType } from "@opentelemetry/api";
import {
  AggregationType,
  type IAttributesProcessor,
  type MetricDescriptor,
  type ViewOptions,
} from "@opentelemetry/sdk-metrics";
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  METRIC_HTTP_SERVER_REQUEST_DURATION,
} from "@opentelemetry/semantic-conventions";

/** Upper bounds of the duration buckets in seconds, ascending; `+Inf` is implied. */
export const DEFAULT_DURATION_BUCKETS: readonly number[] = Object.freeze([
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5,
]);

export const LABEL_METHOD = "method";
export const LABEL_STATUS_CODE = "status_code";
export const LABEL_SERVICE = "service";
/** Host and port that an outgoing request went to. */
export const LABEL_HOST = "host";
/** Of `otel_red_path_source_total`. */
export const LABEL_SOURCE = "source";

/** Number of a process or thread of the service, where its values are shown by themselves. */
export const LABEL_WORKER = "worker";
/** The attribute that becomes this label. One of the application's that is called `worker` is another one. */
export const WORKER_ATTRIBUTE = "otel_red.worker";
/** Of `otel_red_workers`. */
export const LABEL_STATE = "state";

const SECONDS = "s";
/** An annotation, not `1`: a unit of `1` becomes the suffix `_ratio` behind OTLP. */
const REQUESTS = "{request}";

/** From this status on a response counts as an error, as in the project's origin (4xx-5xx). */
const FIRST_ERROR_STATUS = 400;

/** The status of an outgoing request that got no response: refused, unknown host, timed out, given up. */
export const NO_RESPONSE_STATUS = 0;

export function isErrorStatus(status: number): boolean {
  return status >= FIRST_ERROR_STATUS;
}

export function isFailedCall(status: number): boolean {
  return isErrorStatus(status) || status === NO_RESPONSE_STATUS;
}

function describe(
  name: string,
  description: string,
  unit: string,
  valueType: ValueType = ValueType.INT,
): MetricDescriptor {
  return Object.freeze({ name, description, unit, valueType });
}

/** The families that leave the project, whatever the exporter. */
export const FAMILIES = {
  duration: describe("http_request_duration_seconds", "HTTP request latency in seconds", SECONDS, ValueType.DOUBLE),
  requests: describe("http_requests_total", "Total count of HTTP requests", REQUESTS),
  errors: describe("http_errors_total", "Total count of HTTP errors (4xx-5xx)", REQUESTS),
  active: describe("http_requests_active", "Number of currently active HTTP requests", REQUESTS),
  aborted: describe(
    "http_requests_aborted_total",
    "Total count of HTTP requests whose connection went away before the response was sent",
    REQUESTS,
  ),
  parserErrors: describe(
    "http_parser_errors_total",
    "Total count of HTTP requests that the parser rejected before they were requests",
    REQUESTS,
  ),
  excluded: describe(
    "otel_red_requests_excluded_total",
    "Total count of HTTP requests left out by RED_EXCLUDE_PATHS",
    REQUESTS,
  ),
  overflow: describe(
    "otel_red_overflow_total",
    "Total count of HTTP requests shown under the path other because RED_MAX_LABEL_SETS was reached",
    REQUESTS,
  ),
  pathSource: describe(
    "otel_red_path_source_total",
    "Total count of HTTP requests by where their path label comes from",
    REQUESTS,
  ),
  labelSets: describe(
    "otel_red_label_sets",
    "Number of label sets in use, of the RED_MAX_LABEL_SETS allowed",
    "{label_set}",
  ),
  /** Only at the endpoint: the other exporters have no scrape. */
  scrapeDuration: describe(
    "otel_red_scrape_duration_seconds",
    "Time that this scrape took to be collected and rendered, in seconds",
    SECONDS,
    ValueType.DOUBLE,
  ),
  /** Only at the endpoint, and only where several processes share it. */
  workers: describe(
    "otel_red_workers",
    "Number of processes and threads whose values this page has, by whether they answered the last scrape",
    "{worker}",
  ),
  workersJoined: describe(
    "otel_red_workers_joined_total",
    "Total count of processes and threads that have joined those whose values this page has",
    "{worker}",
  ),
} as const;

/** The families of outgoing requests. */
export const CLIENT_FAMILIES = {
  duration: describe(
    "http_client_request_duration_seconds",
    "Outgoing HTTP request latency in seconds",
    SECONDS,
    ValueType.DOUBLE,
  ),
  requests: describe("http_client_requests_total", "Total count of outgoing HTTP requests", REQUESTS),
  errors: describe(
    "http_client_errors_total",
    "Total count of outgoing HTTP requests that failed (4xx-5xx, or no response)",
    REQUESTS,
  ),
} as const;

export interface RedViewOptions {
  /** Value of the `service` label. */
  readonly service: string;
  /** Name of the label that carries the route; `path` unless RED_PATH_LABEL says otherwise. */
  readonly pathLabel: string;
  /** Upper bounds in seconds, ascending, without `+Inf`. */
  readonly durationBuckets: readonly number[];
  /** Most label sets at a time. */
  readonly maxLabelSets: number;
}

/** The view of RED: the options that the SDK's `MeterProvider` and our aggregator are both built from. */
export interface RedView extends ViewOptions {
  readonly name: string;
  readonly instrumentName: string;
  readonly aggregation: {
    readonly type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM;
    readonly options: { boundaries: number[]; recordMinMax: false };
  };
  readonly attributesProcessors: [IAttributesProcessor];
  readonly aggregationCardinalityLimit: number;
}

/**
 * Maps the attributes of the semantic conventions to the RED labels, in the order in which they are shown.
 * What is not named here (scheme, protocol version, error type) is dropped: it would multiply the series.
 */
export function redLabels(service: string, pathLabel: string): IAttributesProcessor {
  return {
    process: (attributes: Attributes): Attributes => ({
      [LABEL_METHOD]: attributes[ATTR_HTTP_REQUEST_METHOD],
      [LABEL_STATUS_CODE]: String(attributes[ATTR_HTTP_RESPONSE_STATUS_CODE]),
      [pathLabel]: attributes[ATTR_HTTP_ROUTE],
      [LABEL_SERVICE]: service,
    }),
  };
}

/** Label sets that are bounded by themselves (`other`, `unmatched`, `/*` of answers without a route) come on top of the budget: room for them in the SDK. */
export const ROOM_FOR_OVERFLOW = 10_000;

export function redView(options: RedViewOptions): RedView {
  return {
    instrumentName: METRIC_HTTP_SERVER_REQUEST_DURATION,
    name: FAMILIES.duration.name,
    description: FAMILIES.duration.description,
    aggregation: {
      type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
      options: { boundaries: [...options.durationBuckets], recordMinMax: false },
    },
    attributesProcessors: [redLabels(options.service, options.pathLabel)],
    aggregationCardinalityLimit: options.maxLabelSets + ROOM_FOR_OVERFLOW,
  };
}
