/**
 * The OTLP exporter, OpenTelemetry's own, over the protocol that was asked for. It reads `OTEL_EXPORTER_OTLP_*` itself.
 * Loaded only when asked for.
 */
import type { Agent } from "node:http";
import type { Duplex } from "node:stream";
import {
  type OTLPMetricExporterOptions,
  OTLPMetricExporter as OverHttpJson,
} from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter as OverHttpProtobuf } from "@opentelemetry/exporter-metrics-otlp-proto";
import {
  convertLegacyHttpOptions,
  getSharedConfigurationFromEnvironment,
} from "@opentelemetry/otlp-exporter-base/node-http";
import { AggregationType, InstrumentType, type PushMetricExporter } from "@opentelemetry/sdk-metrics";
import type { RedConfig } from "../config.ts";
import type { Log } from "../log.ts";
import { connectDiag } from "./diag.ts";
import { loadOptionalPackage } from "./optional-package.ts";
import { ReportedExporter } from "./reported.ts";

export type OtlpConfig = Pick<RedConfig, "otlpProtocol" | "otlpHistogramAggregation">;

/** Bad values of the environment are warned of in the log. @throws Error with the remedy where its package is missing */
export function createOtlpExporter(config: OtlpConfig, log: Log): PushMetricExporter {
  connectDiag(log);
  const { exporter, destination } = EXPORTERS[config.otlpProtocol](optionsOf(config));
  return new ReportedExporter(exporter, destination, log);
}

interface OtlpExporter {
  readonly exporter: PushMetricExporter;
  readonly destination: string;
}

const EXPORTERS: Readonly<Record<RedConfig["otlpProtocol"], (options: OTLPMetricExporterOptions) => OtlpExporter>> = {
  "http/protobuf": (options) => overHttp(OverHttpProtobuf, options),
  "http/json": (options) => overHttp(OverHttpJson, options),
  grpc: overGrpc,
};

function overHttp(
  Exporter: typeof OverHttpJson | typeof OverHttpProtobuf,
  options: OTLPMetricExporterOptions,
): OtlpExporter {
  const { url, agentFactory } = convertLegacyHttpOptions({}, "METRICS", "v1/metrics", {});
  const httpAgentOptions = async (protocol: string) => withoutHolding((await agentFactory(protocol)) as Agent);
  return { exporter: new Exporter({ ...options, httpAgentOptions }), destination: withoutSecrets(url) };
}

/** Too large for those who do without. */
const GRPC_PACKAGE = "@opentelemetry/exporter-metrics-otlp-grpc";

function overGrpc(options: OTLPMetricExporterOptions): OtlpExporter {
  const { OTLPMetricExporter } = loadOptionalPackage<{ OTLPMetricExporter: typeof OverHttpProtobuf }>(GRPC_PACKAGE);
  // what the package itself complains of goes to a diag that is not ours
  getSharedConfigurationFromEnvironment("METRICS");
  return { exporter: new OTLPMetricExporter(options), destination: "the collector over gRPC" };
}

/** The packages leave this one variable to the code that uses them. */
function optionsOf({ otlpHistogramAggregation }: OtlpConfig): OTLPMetricExporterOptions {
  if (otlpHistogramAggregation === "explicit_bucket_histogram") return {};
  return {
    aggregationPreference: (instrument) => ({
      type: instrument === InstrumentType.HISTOGRAM ? AggregationType.EXPONENTIAL_HISTOGRAM : AggregationType.DEFAULT,
    }),
  };
}

/** A collector that does not answer is no reason for the process to go on. */
function withoutHolding(agent: Agent): Agent {
  const createConnection = agent.createConnection.bind(agent);
  agent.createConnection = (...parameters) => {
    const socket = createConnection(...parameters) as (Duplex & { unref?(): void }) | undefined;
    socket?.unref?.();
    return socket;
  };
  const reuseSocket = agent.reuseSocket.bind(agent);
  agent.reuseSocket = (socket: Duplex & { unref?(): void }, request) => {
    reuseSocket(socket, request);
    socket.unref?.();
  };
  return agent;
}

/** A URL may carry a password, and its query a token. */
function withoutSecrets(url: string): string {
  const { origin, protocol, host, pathname } = new URL(url);
  return `${origin === "null" ? `${protocol}//${host}` : origin}${pathname}`;
}
