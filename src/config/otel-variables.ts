/**
 * The variables of the OpenTelemetry specification, and what each accepts.
 *
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
import { unseenBuiltin } from "../node/unseen-builtin.ts";
import { flag, integer, type Parsed, quoted, type Variable, word } from "./variable.ts";

/** The names of OpenTelemetry JS's `DiagLogLevel`, in lower case. */
export type LogLevel = "none" | "error" | "warn" | "info" | "debug" | "verbose" | "all";

export type ExporterName = "prometheus" | "otlp" | "console" | "none";

/** `trace_based` takes sampled spans only: the others are in no tracing backend. */
export type ExemplarFilter = "always_on" | "always_off" | "trace_based";

export type HistogramAggregation = "explicit_bucket_histogram" | "base2_exponential_bucket_histogram";

export type OtlpProtocol = "grpc" | "http/protobuf" | "http/json";

/** What finds out about the process, the machine or the cloud, under the names of OpenTelemetry JS. */
export type DetectorName = (typeof DETECTORS)[number];

/** Key and value of a resource attribute, both decoded. */
export type ResourceAttribute = readonly [key: string, value: string];

const LOG_LEVELS: readonly LogLevel[] = ["none", "error", "warn", "info", "debug", "verbose", "all"];

const EXPORTERS: readonly ExporterName[] = ["prometheus", "otlp", "console", "none"];

const OTLP_PROTOCOLS: readonly OtlpProtocol[] = ["grpc", "http/protobuf", "http/json"];

/** What costs nothing: it is in Node already. */
const DEFAULT_DETECTORS = ["env", "host", "os", "process", "serviceinstance"] as const;
/** What needs a package of its own, and may ask the network. */
const OPTIONAL_DETECTORS = ["container", "aws", "gcp", "azure", "alibaba"] as const;
const DETECTORS = [...DEFAULT_DETECTORS, ...OPTIONAL_DETECTORS] as const;

/** The longest timer that Node has. */
const LONGEST_MS = 2 ** 31 - 1;

/** Only "true" is true: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#boolean */
export const SDK_DISABLED = flag("OTEL_SDK_DISABLED", false);

export const LOG_LEVEL = word("OTEL_LOG_LEVEL", LOG_LEVELS, "warn");

export const EXEMPLAR_FILTER = word<ExemplarFilter>(
  "OTEL_METRICS_EXEMPLAR_FILTER",
  ["always_on", "always_off", "trace_based"],
  "trace_based",
);

export const SERVICE_NAME: Variable<string> = {
  name: "OTEL_SERVICE_NAME",
  accepted: "any text",
  fallback: "",
  parse: (value) => ({ value }),
};

export const RESOURCE_ATTRIBUTES: Variable<readonly ResourceAttribute[]> = {
  name: "OTEL_RESOURCE_ATTRIBUTES",
  accepted: "key=value pairs separated by commas, with any other comma, equals sign and percent sign percent-encoded",
  fallback: [],
  parse: parseResourceAttributes,
};

export const METRICS_EXPORTER: Variable<readonly ExporterName[]> = {
  name: "OTEL_METRICS_EXPORTER",
  accepted: `a comma-separated list of ${EXPORTERS.join(", ")}`,
  fallback: ["prometheus"],
  parse: parseExporters,
};

export const PROMETHEUS_HOST: Variable<string> = {
  name: "OTEL_EXPORTER_PROMETHEUS_HOST",
  accepted: "a host name or an IP address, without a port or a path",
  fallback: "localhost",
  parse: parseHost,
};

export const PROMETHEUS_PORT = integer("OTEL_EXPORTER_PROMETHEUS_PORT", 0, 65_535, 9464);

/** A signal's own variable wins over the one for all signals. */
export const OTLP_PROTOCOL = word("OTEL_EXPORTER_OTLP_PROTOCOL", OTLP_PROTOCOLS, "http/protobuf");

export const OTLP_METRICS_PROTOCOL = word<OtlpProtocol | "">("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", OTLP_PROTOCOLS, "");

export const OTLP_HISTOGRAM_AGGREGATION = word<HistogramAggregation>(
  "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
  ["explicit_bucket_histogram", "base2_exponential_bucket_histogram"],
  "explicit_bucket_histogram",
);

/** Warned of here, because OpenTelemetry's exporter takes any other word for false, and says nothing. */
export const OTLP_INSECURE = [
  flag("OTEL_EXPORTER_OTLP_METRICS_INSECURE", false),
  flag("OTEL_EXPORTER_OTLP_INSECURE", false),
];

/** Read by OpenTelemetry's exporters themselves. */
export const OTLP_EXPORTER_VARIABLES: readonly string[] = [
  "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
  ...[
    "ENDPOINT",
    "HEADERS",
    "TIMEOUT",
    "COMPRESSION",
    "CERTIFICATE",
    "CLIENT_CERTIFICATE",
    "CLIENT_KEY",
    "INSECURE",
  ].flatMap((name) => [`OTEL_EXPORTER_OTLP_${name}`, `OTEL_EXPORTER_OTLP_METRICS_${name}`]),
];

const HTTP_URL = "a URL that begins with http:// or https://";

/** gRPC needs no scheme: https://opentelemetry.io/docs/specs/otel/protocol/exporter/#configuration-options */
const ENDPOINTS: Readonly<Record<"http" | "grpc", { readonly accepted: string; readonly begins: RegExp }>> = {
  http: { accepted: HTTP_URL, begins: /^https?:\/\//i },
  grpc: { accepted: `${HTTP_URL}, or host:port`, begins: /^(?:https?:\/\/|unix:|(?!\w*:\/\/))/i },
};

/** The URL of all signals, or of metrics alone. @param fallback where it is unset or not accepted */
export function otlpEndpoint(
  name: "OTEL_EXPORTER_OTLP_ENDPOINT" | "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
  protocol: OtlpProtocol,
  fallback: string,
): Variable<string> {
  const { accepted, begins } = ENDPOINTS[protocol === "grpc" ? "grpc" : "http"];
  const isUrl = (text: string) => URL.canParse(/^\w+:\/\//.test(text) ? text : `http://${text}`);
  return {
    name,
    accepted,
    fallback,
    parse: (value) => (begins.test(value) && isUrl(value) ? { value } : { refused: "" }),
  };
}

export const METRIC_EXPORT_INTERVAL = integer("OTEL_METRIC_EXPORT_INTERVAL", 1, LONGEST_MS, 60_000);

export const METRIC_EXPORT_TIMEOUT = integer("OTEL_METRIC_EXPORT_TIMEOUT", 1, LONGEST_MS, 30_000);

/** https://opentelemetry.io/docs/zero-code/js/configuration/#sdk-resource-detector-configuration */
export const RESOURCE_DETECTORS: Variable<readonly DetectorName[]> = {
  name: "OTEL_NODE_RESOURCE_DETECTORS",
  accepted: `a comma-separated list of ${DETECTORS.join(", ")}, all, none`,
  fallback: DEFAULT_DETECTORS,
  parse: parseDetectors,
};

/**
 * One mistake discards all of the value: "In case of any error, e.g. failure during the decoding process, the entire
 * environment variable value SHOULD be discarded". Empty members are skipped, as OpenTelemetry JS skips them.
 *
 * https://opentelemetry.io/docs/specs/otel/resource/sdk/#specifying-resource-information-via-an-environment-variable
 */
function parseResourceAttributes(text: string): Parsed<readonly ResourceAttribute[]> {
  const attributes: ResourceAttribute[] = [];
  for (const pair of members(text)) {
    const [key = "", value, ...more] = pair.split("=").map((part) => part.trim());
    if (value === undefined || more.length > 0) return { refused: `${quoted(pair)} is not one key=value pair` };
    if (key === "") return { refused: `${quoted(pair)} has no key` };
    try {
      attributes.push([decodeURIComponent(key), decodeURIComponent(value)]);
    } catch {
      return { refused: `${quoted(pair)} cannot be percent-decoded` };
    }
  }
  return { value: attributes };
}

/**
 * The specification leaves `none` beside other names open. It wins here, because it does in OpenTelemetry JS: an
 * application that starts a `NodeSDK` of its own reads the same variable, and the two must not differ.
 */
function parseExporters(text: string): Parsed<readonly ExporterName[]> {
  const names = [...new Set(members(text.toLowerCase()))];
  const known = names.filter(isExporter);
  const usable: readonly ExporterName[] = known.includes("none") ? ["none"] : known;

  if (known.length === 0) return { refused: "it names none of them" };
  if (known.length < names.length) {
    return { refused: `unknown: ${quoted(names.filter((name) => !isExporter(name)).join(", "))}`, usable };
  }
  if (usable.length < known.length) return { refused: "none excludes the others", usable };
  return { value: known };
}

function isExporter(name: string): name is ExporterName {
  return EXPORTERS.some((exporter) => exporter === name);
}

/** In OpenTelemetry JS `all` wins over `none`, and both over whatever else is in the list. */
function parseDetectors(text: string): Parsed<readonly DetectorName[]> {
  const names = [...new Set(members(text.toLowerCase()))];
  if (names.includes("all")) return { value: DETECTORS };
  if (names.includes("none")) return { value: [] };
  const known = DETECTORS.filter((detector) => names.includes(detector));
  const unknown = names.filter((name) => !known.some((detector) => detector === name));
  if (known.length === 0) return { refused: "it names none of them" };
  return unknown.length === 0 ? { value: known } : { refused: `unknown: ${quoted(unknown.join(", "))}`, usable: known };
}

const PLAIN_HOST = /^[\w.-]+$/;

/** `localhost:9464`, the likeliest mistake, would otherwise end as a failed look-up of that name at the first listen. */
function parseHost(text: string): Parsed<string> {
  const bracketed = /^\[(.*)\]$/.exec(text)?.[1];
  const host = bracketed ?? text;
  if (bracketed !== undefined || host.includes(":")) {
    // loaded only for this: a script that inherits the preload has no use for it
    return unseenBuiltin("net").isIPv6(host) ? { value: host } : { refused: "" };
  }
  if (PLAIN_HOST.test(host)) return { value: host };
  // no literal: see `printable`
  return /[\s/\\[\]\p{Cc}]/u.test(host) ? { refused: "" } : { value: host };
}

function members(text: string): string[] {
  return text
    .split(",")
    .map((member) => member.trim())
    .filter((member) => member !== "");
}
