/**
 * The configuration as the rest of the project sees it.
 */
import type {
  DetectorName,
  ExemplarFilter,
  ExporterName,
  HistogramAggregation,
  LogLevel,
  OtlpProtocol,
} from "./otel-variables.ts";
import type { Platform } from "./platform.ts";
import type { PathPattern } from "./red-variables.ts";

/**
 * All that can be configured. Every field comes from the variable of the environment that it names.
 *
 * "Specification" is https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export interface RedConfig {
  /** `OTEL_SDK_DISABLED`: nothing is measured and nothing is opened. Default: false. Source: specification. */
  readonly disabled: boolean;

  /**
   * `OTEL_LOG_LEVEL`: the least severe of our own messages that is printed on stderr. Default: `warn`.
   *
   * Source: specification, whose default is `info`. A preload that reports at every start of a healthy process that it
   * is there would be noise in every log, so `info` has to be asked for.
   */
  readonly logLevel: LogLevel;

  /**
   * Value of the label `service` and of the resource attribute `service.name`; never empty.
   *
   * The first there is of: `OTEL_SERVICE_NAME`, `service.name` of `OTEL_RESOURCE_ATTRIBUTES`, the `name` in the
   * application's package.json (with its scope, see `applicationName`), `unknown_service:node`. Source: specification,
   * save for the package.json, which is otel-red's.
   */
  readonly serviceName: string;

  /** `OTEL_RESOURCE_ATTRIBUTES`, decoded, without `service.name` and a blank `service.instance.id`. Default: none. Source: specification. */
  readonly resourceAttributes: Readonly<Record<string, string>>;

  /**
   * `OTEL_METRICS_EXPORTER`: where the metrics go, without repetitions; `none` only by itself, and never empty.
   * Default: `prometheus`. Source: specification, whose default is `otlp`.
   */
  readonly exporters: readonly ExporterName[];

  /**
   * `OTEL_EXPORTER_PROMETHEUS_HOST`: the host name or IP address, without brackets, that /metrics listens on.
   * Default: `localhost`. Source: specification.
   */
  readonly prometheusHost: string;

  /**
   * `OTEL_EXPORTER_PROMETHEUS_PORT`: the port that /metrics listens on, 0 to 65535; 0 takes any free one.
   * Default: 9464. Source: specification.
   */
  readonly prometheusPort: number;

  /**
   * `OTEL_METRICS_EXEMPLAR_FILTER`: which requests' spans are shown as exemplars. Default: `trace_based`, those that are
   * sampled. Source: specification.
   */
  readonly exemplarFilter: ExemplarFilter;

  /**
   * `OTEL_EXPORTER_OTLP_METRICS_PROTOCOL`, else `OTEL_EXPORTER_OTLP_PROTOCOL`. Default: `http/protobuf`. Source:
   * specification.
   */
  readonly otlpProtocol: OtlpProtocol;

  /**
   * Where the exporter is to send to in place of a bad `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT` or
   * `OTEL_EXPORTER_OTLP_ENDPOINT`. Default: undefined, it reads them itself.
   */
  readonly otlpUrl: string | undefined;

  /**
   * The other `OTEL_EXPORTER_OTLP_*`, as they are. OpenTelemetry's exporters read and check them, in place of what
   * `process.env` has. Default: none.
   */
  readonly otlpVariables: Readonly<Record<string, string>>;

  /**
   * `OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION`: how histograms of the application that no view describes
   * are aggregated for OTLP; the RED histogram has its buckets whatever it says. Default: `explicit_bucket_histogram`.
   * Source: specification.
   */
  readonly otlpHistogramAggregation: HistogramAggregation;

  /** `OTEL_METRIC_EXPORT_INTERVAL`: milliseconds between two exports, above 0. Default: 60000. Source: specification. */
  readonly exportIntervalMs: number;

  /**
   * `OTEL_METRIC_EXPORT_TIMEOUT`: milliseconds that one export may take, no more than the interval. Default: 30000.
   * Source: specification.
   */
  readonly exportTimeoutMs: number;

  /**
   * `OTEL_NODE_RESOURCE_DETECTORS`: what describes the process in the resource. Default: `env`, `host`, `os`, `process`,
   * `serviceinstance`. Source: OpenTelemetry JS.
   */
  readonly resourceDetectors: readonly DetectorName[];

  /**
   * Whether the resource has all that the detectors tell. Without it the id of the machine and the owner, paths and
   * arguments of the process are left out. Default: false; true where `OTEL_NODE_RESOURCE_DETECTORS` is given.
   */
  readonly tellsAllOfProcess: boolean;

  /** The pod or container, by the variables of Kubernetes, Amazon ECS, Docker and PM2. Source: these. */
  readonly platform: Platform;

  /**
   * `RED_HTTP_INSTRUMENTATION`: what watches the requests, Node's diagnostics channels (`light`) or
   * `@opentelemetry/instrumentation-http` (`stock`). Default: `light`. Source: otel-red.
   */
  readonly instrumentation: "light" | "stock";

  /**
   * `RED_DURATION_BUCKETS`: upper bounds of the duration buckets in seconds, 1 to 100 of them, ascending, finite,
   * above 0; `+Inf` is implied, and dropped where it is written last. Default: `DEFAULT_DURATION_BUCKETS` of
   * view/red.ts. Source: otel-red.
   */
  readonly durationBuckets: readonly number[];

  /**
   * `RED_PATH_LABEL`: name of the label that carries the route. A valid label name that neither the series, the
   * Prometheus formats nor a scrape (`job`, `instance`) has already. Default: `path`. Source: otel-red.
   */
  readonly pathLabel: string;

  /**
   * `RED_EXCLUDE_PATHS`: globs (see glob-parser.ts) of the paths that are not measured. The value replaces the default, or adds to
   * it where it starts with a `+`; to exclude nothing, give a path that the service does not have. Default: /metrics,
   * /health, /healthz, /livez, /readyz, /docs, /redoc, /openapi.json, /favicon.ico. Source: otel-red.
   */
  readonly excludePaths: readonly string[];

  /**
   * `RED_PATH_PATTERNS`: rules for paths without a router, in the order given. Written `regex=>replacement`, separated
   * by semicolons or line breaks; white space around regex and replacement is dropped. Default: none. Source: otel-red.
   */
  readonly pathPatterns: readonly PathPattern[];

  /** `RED_MAX_LABEL_SETS`: most label sets at a time, 1 to 1,000,000. Default: 1000. Source: otel-red. */
  readonly maxLabelSets: number;

  /** `RED_CLIENT_METRICS`: outgoing requests are measured too. Default: false. Source: otel-red. */
  readonly clientMetrics: boolean;

  /** `RED_RUNTIME_METRICS`: the process and its event loop are measured too. Default: true. Source: otel-red. */
  readonly runtimeMetrics: boolean;

  /**
   * `RED_PROCESSES`: whether all processes of the service that are configured for the same endpoint share one page (`merge`),
   * or each has its own, on the first free port from the configured one up (`separate`). Default: `merge`. Source: otel-red.
   */
  readonly processes: "merge" | "separate";

  /** One line for each bad `OTEL_*` value: the variable, the value, what is accepted, what is used instead. */
  readonly warnings: readonly string[];
}

/**
 * A `RED_*` variable has a value that is not accepted.
 *
 * The message is one line: the variable, the value (shortened, control characters escaped), what is accepted, the remedy.
 */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** What the OTLP exporter needs of it. */
export type OtlpConfig = Pick<RedConfig, "otlpProtocol" | "otlpUrl" | "otlpVariables" | "otlpHistogramAggregation">;
