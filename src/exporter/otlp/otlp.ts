/**
 * The OTLP exporter, OpenTelemetry's own, over the protocol that was asked for. It reads `OTEL_EXPORTER_OTLP_*` itself.
 * Loaded only when asked for.
 */
import type { Agent } from "node:http";
import { createRequire } from "node:module";
import type { DiagAPI } from "@opentelemetry/api";
import {
  OTLPMetricExporterBase,
  type OTLPMetricExporterOptions,
  OTLPMetricExporter as OverHttpJson,
} from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter as OverHttpProtobuf } from "@opentelemetry/exporter-metrics-otlp-proto";
import { convertLegacyHttpOptions } from "@opentelemetry/otlp-exporter-base/node-http";
import { AggregationType, InstrumentType, type PushMetricExporter } from "@opentelemetry/sdk-metrics";
import type { OtlpConfig } from "../../config/red-config.ts";
import { withVariables } from "../../config/with-variables.ts";
import type { Log } from "../../log/log.ts";
import { connectDiag, diag } from "../diag/diag.ts";
import { loadOptionalPackage, resolveOptionalPackage } from "../optional-package.ts";
import { finiteOnly } from "./finite.ts";
import { inParts, type Send } from "./in-parts.ts";
import { type PushExporter, ReportedExporter } from "./reported.ts";
import { ThreadedExports } from "./threaded-exports.ts";
import { WatchedRequests } from "./watched-requests.ts";

/** Bad values of the environment are warned of in the log. @throws Error with the remedy where its package is missing */
export function createOtlpExporter(config: OtlpConfig, log: Log): PushExporter {
  connectDiag(log);
  const { otlpProtocol, otlpVariables } = config;
  const { exporter, destination, thread } = withVariables(otlpVariables, () =>
    otlpProtocol === "grpc" ? overGrpcInThread(config) : overHttp(otlpProtocol, config),
  );
  return new ReportedExporter(exporter, destination, log, (metrics, longestMs) => thread.exportNow(metrics, longestMs));
}

/** The exporter itself, in this thread. Called in one that may end with a call under way. */
export function createExporterHere(config: OtlpConfig, log: Log): PushMetricExporter {
  connectDiag(log);
  const { otlpProtocol } = config;
  return otlpProtocol === "grpc" ? overGrpc(config) : overHttp(otlpProtocol, config).exporter;
}

interface OtlpExporter {
  readonly exporter: PushMetricExporter;
  readonly destination: string;
  /** For the last export. */
  readonly thread: ThreadedExports;
}

const OVER_HTTP = { "http/protobuf": OverHttpProtobuf, "http/json": OverHttpJson } as const;

function overHttp(protocol: keyof typeof OVER_HTTP, config: OtlpConfig): OtlpExporter {
  const { url, agentFactory, timeoutMillis } = convertLegacyHttpOptions(optionsOf(config), "METRICS", "v1/metrics", {});
  const requests = new WatchedRequests(timeoutMillis);
  const httpAgentOptions = async (protocol: string) => requests.of((await agentFactory(protocol)) as Agent);
  const exporter = new OVER_HTTP[protocol]({ ...optionsOf(config), httpAgentOptions });
  const send: Send = exporter.export.bind(exporter);
  const sendInParts = inParts((metrics, onResult) => send(metrics, (result) => onResult(requests.named(result))));
  exporter.export =
    protocol === "http/json"
      ? (metrics, onResult) => sendInParts(finiteOnly(metrics, warnOfLeftOut), onResult)
      : sendInParts;
  return { exporter, destination: withoutSecrets(url), thread: new ThreadedExports(config) };
}

/** Too large for those who do without. */
const GRPC_PACKAGE = "@opentelemetry/exporter-metrics-otlp-grpc";

/** Reads nothing but what a reader must know at once, the temporality: the rest is read, and warned of, in the thread. */
function overGrpcInThread(config: OtlpConfig): OtlpExporter {
  resolveOptionalPackage(GRPC_PACKAGE);
  const thread = new ThreadedExports(config);
  thread.start();
  const exporter = new OTLPMetricExporterBase(
    {
      export: (metrics, onResult) => thread.export(metrics, onResult),
      // the reader waits for the results itself
      forceFlush: async () => {},
      shutdown: () => thread.stop(),
      setMetrics: () => {},
    },
    optionsOf(config),
  );
  return { exporter, destination: "the collector over gRPC", thread };
}

function overGrpc(config: OtlpConfig): PushMetricExporter {
  const { OTLPMetricExporter } = loadOptionalPackage<{ OTLPMetricExporter: typeof OverHttpProtobuf }>(GRPC_PACKAGE);
  // what is not bundled speaks through a copy of the API that nobody else in this thread has
  const api = createRequire(resolveOptionalPackage(GRPC_PACKAGE))("@opentelemetry/api") as { readonly diag: DiagAPI };
  api.diag.setLogger(diag);
  const exporter = new OTLPMetricExporter(optionsOf(config));
  exporter.export = inParts(exporter.export.bind(exporter));
  return exporter;
}

/** Said once for each instrument. */
function warnOfLeftOut(instrument: string): void {
  diag.warn(
    `${instrument} has a value or an attribute that is NaN, infinite or an integer of more than 64 bits, which http/json cannot carry: such data points are left out. OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf carries them`,
  );
}

/** What is not as the packages read it from the environment; they leave the aggregation to the code that uses them. */
function optionsOf({ otlpUrl, otlpHistogramAggregation }: OtlpConfig): OTLPMetricExporterOptions {
  const url = otlpUrl === undefined ? {} : { url: otlpUrl };
  if (otlpHistogramAggregation === "explicit_bucket_histogram") return url;
  return {
    ...url,
    aggregationPreference: (instrument) => ({
      type: instrument === InstrumentType.HISTOGRAM ? AggregationType.EXPONENTIAL_HISTOGRAM : AggregationType.DEFAULT,
    }),
  };
}

/** A URL may carry a password, and its query a token. */
function withoutSecrets(url: string): string {
  const { origin, protocol, host, pathname } = new URL(url);
  return `${origin === "null" ? `${protocol}//${host}` : origin}${pathname}`;
}
