/**
 * The environment, as one frozen RedConfig or a ConfigError.
 *
 * `OTEL_*` as the OpenTelemetry specification defines it: a bad value gives a warning and the default. `RED_*` is ours:
 * a bad value is an error, because a metric under a guessed setting is worse than none. A blank value means unset, and
 * a `RED_*` variable that is not listed here may be somebody else's, so it is not looked at.
 */
import { ATTR_SERVICE_INSTANCE_ID, ATTR_SERVICE_NAME } from "@opentelemetry/semantic-conventions";
import { mainScript, workingFolder } from "./main-script.ts";
import * as otel from "./otel-variables.ts";
import { readPlatform } from "./platform.ts";
import { ProcessVariables } from "./process-variables.ts";
import { ConfigError, type RedConfig } from "./red-config.ts";
import * as red from "./red-variables.ts";
import { applicationName } from "./service-name.ts";
import { type Environment, readVariable, shown, type Variable } from "./variable.ts";

/** https://opentelemetry.io/docs/specs/semconv/resource/#service */
const UNKNOWN_SERVICE = "unknown_service:node";

/**
 * @param environment read, never written. Default: the variables of this process or thread
 * @param script path of the main script; empty where there is none. Default: as `mainScript` finds it
 * @param folder the working directory of the main script. Default: as `workingFolder` finds it
 * @returns frozen, with all that is in it (but not the regular expressions, see `freeze`)
 * @throws ConfigError for the first bad `RED_*` value, also where `OTEL_SDK_DISABLED` is true; nothing else
 */
export function readConfig(
  environment: Environment = new ProcessVariables().atStart,
  script: string | undefined = mainScript(),
  folder: string | undefined = workingFolder(),
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
  if (!attributes.get(ATTR_SERVICE_INSTANCE_ID)?.trim()) attributes.delete(ATTR_SERVICE_INSTANCE_ID);
  const resourceDetectors = orWarning(otel.RESOURCE_DETECTORS);

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
    serviceName:
      orWarning(otel.SERVICE_NAME) ||
      nameInAttributes ||
      (script && applicationName(script, folder)) ||
      UNKNOWN_SERVICE,
    resourceAttributes: Object.fromEntries(attributes),
    exporters,
    prometheusHost: orWarning(otel.PROMETHEUS_HOST),
    prometheusPort: orWarning(otel.PROMETHEUS_PORT),
    exemplarFilter: orWarning(otel.EXEMPLAR_FILTER),
    otlpProtocol,
    otlpUrl,
    otlpVariables: Object.fromEntries(
      otel.OTLP_EXPORTER_VARIABLES.flatMap((name) => {
        const value = environment[name];
        return value === undefined ? [] : [[name, value]];
      }),
    ),
    otlpHistogramAggregation: orWarning(otel.OTLP_HISTOGRAM_AGGREGATION),
    exportIntervalMs,
    // the SDK refuses an export that may still be under way when the next one is due
    exportTimeoutMs: Math.min(exportTimeoutMs, exportIntervalMs),
    resourceDetectors,
    tellsAllOfProcess: resourceDetectors !== otel.RESOURCE_DETECTORS.fallback,
    platform: readPlatform(environment, attributes),
    instrumentation: orError(red.HTTP_INSTRUMENTATION),
    durationBuckets: orError(red.DURATION_BUCKETS),
    pathLabel: orError(red.PATH_LABEL),
    excludePaths: orError(red.EXCLUDE_PATHS),
    pathPatterns: orError(red.PATH_PATTERNS),
    maxLabelSets: orError(red.MAX_LABEL_SETS),
    clientMetrics: orError(red.CLIENT_METRICS),
    runtimeMetrics: orError(red.RUNTIME_METRICS),
    processes: orError(red.PROCESSES),
    warnings,
  });
}

/** `RedConfig.logLevel` where there is no configuration: a bad `RED_*` value is not said by who is to say nothing. */
export function readLogLevel(environment: Environment = new ProcessVariables().atStart): otel.LogLevel {
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

/**
 * Freezes a value and all that is in it, except regular expressions: V8 replaces about nine times slower with a frozen
 * one, for every request of a service without a router, and ours keep no state that could be changed.
 */
function freeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || value instanceof RegExp) return value;
  for (const member of Object.values(value)) freeze(member);
  return Object.freeze(value);
}
