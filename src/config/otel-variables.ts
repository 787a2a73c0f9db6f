/**
 * The variables of the OpenTelemetry specification, and what each accepts.
 *
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
import type { ExemplarFilter } from "../instrumentation/exemplars.ts";
import { flag, integer, type Parsed, quoted, type Variable, word } from "./variable.ts";

/** The names of OpenTelemetry JS's `DiagLogLevel`, in lower case. */
export type LogLevel = "none" | "error" | "warn" | "info" | "debug" | "verbose" | "all";

export type ExporterName = "prometheus" | "console" | "none";

/** Key and value of a resource attribute, both decoded. */
export type ResourceAttribute = readonly [key: string, value: string];

const LOG_LEVELS: readonly LogLevel[] = ["none", "error", "warn", "info", "debug", "verbose", "all"];

const EXPORTERS: readonly ExporterName[] = ["prometheus", "console", "none"];

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

/** `localhost:9464`, the likeliest mistake, would otherwise end as a failed look-up of that name at the first listen. */
function parseHost(text: string): Parsed<string> {
  const bracketed = /^\[(.*)\]$/.exec(text)?.[1];
  const host = bracketed ?? text;
  if (bracketed !== undefined || host.includes(":")) {
    // loaded only for this: a script that inherits the preload has no use for it
    return process.getBuiltinModule("node:net").isIPv6(host) ? { value: host } : { refused: "" };
  }
  return /[\s/\\[\]\p{Cc}]/u.test(host) ? { refused: "" } : { value: host };
}

function members(text: string): string[] {
  return text
    .split(",")
    .map((member) => member.trim())
    .filter((member) => member !== "");
}
