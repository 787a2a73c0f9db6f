/**
 * The environment, as one frozen RedConfig or a ConfigError.
 *
 * `OTEL_*` as the OpenTelemetry specification defines it: a bad value gives a warning and the default. `RED_*` is ours:
 * a bad value is an error, because a metric under a guessed setting is worse than none. A blank value means unset, and
 * a `RED_*` variable that is not listed here may be somebody else's, so it is not looked at.
 */
import { ATTR_SERVICE_NAME } from "@opentelemetry/semantic-conventions";
import { mainScript } from "./config/main-script.ts";
import * as otel from "./config/otel-variables.ts";
import * as red from "./config/red-variables.ts";
import { nearestPackageName } from "./config/service-name.ts";
import { type Environment, readVariable, shown, type Variable } from "./config/variable.ts";
import type { ExemplarFilter } from "./instrumentation/exemplars.ts";

export type { DetectorName, ExporterName, LogLevel } from "./config/otel-variables.ts";

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
  readonly logLevel: otel.LogLevel;

  /**
   * Value of the label `service` and of the resource attribute `service.name`; never empty.
   *
   * The first there is of: `OTEL_SERVICE_NAME`, `service.name` of `OTEL_RESOURCE_ATTRIBUTES`, the `name` in the
   * package.json nearest to the main script (with its scope), `unknown_service:node`. Source: specification, save for
   * the package.json, which is otel-red's.
   */
  readonly serviceName: string;

  /** `OTEL_RESOURCE_ATTRIBUTES`, decoded, without `service.name`. Default: none. Source: specification. */
  readonly resourceAttributes: Readonly<Record<string, string>>;

  /**
   * `OTEL_METRICS_EXPORTER`: where the metrics go, without repetitions; `none` only by itself, and never empty.
   * Default: `prometheus`. Source: specification, whose default is `otlp`.
   */
  readonly exporters: readonly otel.ExporterName[];

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
   * specification. The other `OTEL_EXPORTER_OTLP_*` are read by OpenTelemetry's exporters, from `process.env`.
   */
  readonly otlpProtocol: otel.OtlpProtocol;

  /**
   * Where the exporter is to send to in place of a bad `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT` or
   * `OTEL_EXPORTER_OTLP_ENDPOINT`. Default: undefined, it reads them itself.
   */
  readonly otlpUrl: string | undefined;

  /**
   * `OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION`: how histograms of the application that no view describes
   * are aggregated for OTLP; the RED histogram has its buckets whatever it says. Default: `explicit_bucket_histogram`.
   * Source: specification.
   */
  readonly otlpHistogramAggregation: "explicit_bucket_histogram" | "base2_exponential_bucket_histogram";

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
  readonly resourceDetectors: readonly otel.DetectorName[];

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
   * `RED_EXCLUDE_PATHS`: picomatch globs of the paths that are not measured. The value replaces the default, or adds to
   * it where it starts with a `+`; to exclude nothing, give a path that the service does not have. Default: /metrics,
   * /health, /healthz, /livez, /readyz, /docs, /redoc, /openapi.json, /favicon.ico. Source: otel-red.
   */
  readonly excludePaths: readonly string[];

  /**
   * `RED_PATH_PATTERNS`: rules for paths without a router, in the order given. Written `regex=>replacement`, separated
   * by semicolons or line breaks; white space around regex and replacement is dropped. Default: none. Source: otel-red.
   */
  readonly pathPatterns: readonly red.PathPattern[];

  /** `RED_MAX_LABEL_SETS`: most label sets at a time, 1 to 1,000,000. Default: 1000. Source: otel-red. */
  readonly maxLabelSets: number;

  /** `RED_CLIENT_METRICS`: outgoing requests are measured too. Default: false. Source: otel-red. */
  readonly clientMetrics: boolean;

  /** `RED_RUNTIME_METRICS`: the process and its event loop are measured too. Default: true. Source: otel-red. */
  readonly runtimeMetrics: boolean;

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

/** https://opentelemetry.io/docs/specs/semconv/resource/#service */
const UNKNOWN_SERVICE = "unknown_service:node";

/**
 * @param environment read, never written. Default: `process.env`
 * @param script path of the main script; empty where there is none. Default: as `mainScript` finds it
 * @returns frozen, with all that is in it (but not the regular expressions, see `freeze`)
 * @throws ConfigError for the first bad `RED_*` value, also where `OTEL_SDK_DISABLED` is true; nothing else
 */
export function readConfig(
  environment: Environment = process.env,
  script: string | undefined = mainScript(),
): RedConfig {
  const warnings: string[] = [];
  const orWarning = <T>(variable: Variable<T>): T =>
    readVariable(variable, environment, (complaint, usable) => {
      warnings.push(`${complaint}; using ${shown(usable)}`);
      return usable;
    });
  const orError = <T>(variable: Variable<T>): T =>
    readVariable(variable, environment, (complaint) => {
      throw new ConfigError(`${complaint}; correct it, or unset it for the default`);
    });

  const attributes = new Map(orWarning(otel.RESOURCE_ATTRIBUTES));
  const nameInAttributes = attributes.get(ATTR_SERVICE_NAME)?.trim();
  attributes.delete(ATTR_SERVICE_NAME);

  const exportIntervalMs = orWarning(otel.METRIC_EXPORT_INTERVAL);
  const exportTimeoutMs = orWarning(otel.METRIC_EXPORT_TIMEOUT);

  const exporters = orWarning(otel.METRICS_EXPORTER);
  const quietly = <T>(variable: Variable<T>): T => readVariable(variable, environment, (_complaint, usable) => usable);
  // where that of metrics is not accepted, a warning says what is used instead of it
  orWarning({ ...otel.OTLP_METRICS_PROTOCOL, fallback: quietly(otel.OTLP_PROTOCOL) });
  const otlpProtocol = quietly(otel.OTLP_METRICS_PROTOCOL) || orWarning(otel.OTLP_PROTOCOL);
  // the application's own tracing may use the same variables: what is none of our business is not complained of
  const otlpUrl = exporters.includes("otlp") ? urlInstead(otlpProtocol, warnings, orWarning) : undefined;

  return freeze({
    disabled: orWarning(otel.SDK_DISABLED),
    logLevel: orWarning(otel.LOG_LEVEL),
    serviceName: orWarning(otel.SERVICE_NAME) || nameInAttributes || nameOfMain(script) || UNKNOWN_SERVICE,
    resourceAttributes: Object.fromEntries(attributes),
    exporters,
    prometheusHost: orWarning(otel.PROMETHEUS_HOST),
    prometheusPort: orWarning(otel.PROMETHEUS_PORT),
    exemplarFilter: orWarning(otel.EXEMPLAR_FILTER),
    otlpProtocol,
    otlpUrl,
    otlpHistogramAggregation: orWarning(otel.OTLP_HISTOGRAM_AGGREGATION),
    exportIntervalMs,
    // the SDK refuses an export that may still be under way when the next one is due
    exportTimeoutMs: Math.min(exportTimeoutMs, exportIntervalMs),
    resourceDetectors: orWarning(otel.RESOURCE_DETECTORS),
    instrumentation: orError(red.HTTP_INSTRUMENTATION),
    durationBuckets: orError(red.DURATION_BUCKETS),
    pathLabel: orError(red.PATH_LABEL),
    excludePaths: orError(red.EXCLUDE_PATHS),
    pathPatterns: orError(red.PATH_PATTERNS),
    maxLabelSets: orError(red.MAX_LABEL_SETS),
    clientMetrics: orError(red.CLIENT_METRICS),
    runtimeMetrics: orError(red.RUNTIME_METRICS),
    warnings,
  });
}

/** `RedConfig.logLevel` where there is no configuration: a bad `RED_*` value is not said by who is to say nothing. */
export function readLogLevel(environment: Environment = process.env): otel.LogLevel {
  return readVariable(otel.LOG_LEVEL, environment, (_complaint, usable) => usable);
}

/** `RedConfig.otlpUrl`, and warnings of what only that exporter reads. */
function urlInstead(
  protocol: otel.OtlpProtocol,
  warnings: readonly string[],
  orWarning: <T>(variable: Variable<T>) => T,
): string | undefined {
  const isGrpc = protocol === "grpc";
  if (isGrpc) otel.OTLP_INSECURE.forEach(orWarning);
  const said = warnings.length;
  const [port, path] = isGrpc ? [4317, ""] : [4318, "/v1/metrics"];
  const endpoint = orWarning(otel.otlpEndpoint("OTEL_EXPORTER_OTLP_ENDPOINT", protocol, `http://localhost:${port}`));
  const url = orWarning(
    otel.otlpEndpoint("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", protocol, endpoint.replace(/\/$/, "") + path),
  );
  return warnings.length > said ? url : undefined;
}

function nameOfMain(script: string | undefined): string | undefined {
  return script ? nearestPackageName(script) : undefined;
}

/**
 * Freezes a value and all that is in it, except regular expressions: V8 replaces about nine times slower with a frozen
 * one, for every request of a service without a router, and ours keep no state that could be changed.
 */
function freeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || value instanceof RegExp) return value;
  for (const member of Object.values(value)) freeze(member);
  return Object.freeze(value);
}
