/**
 * The metric readers that OTEL_METRICS_EXPORTER asks for.
 */
import { setGlobalErrorHandler } from "@opentelemetry/core";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import {
  AggregationTemporality,
  ConsoleMetricExporter,
  type MetricProducer,
  type MetricReader,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
  type ResourceMetrics,
} from "@opentelemetry/sdk-metrics";
import type { ExporterName } from "../config/otel-variables.ts";
import type { RedConfig } from "../config/red-config.ts";
import { type Log, reasonOf } from "../log/log.ts";
import { connectDiag, diag } from "./diag/diag.ts";
import type { SelectTemporality } from "./instruments.ts";
import type { PushExporter } from "./otlp/reported.ts";

/** What is collected for an exporter beside the SDK's own, which has nothing. */
export type Producers = (exporter: ExporterName, selectTemporality: SelectTemporality) => readonly MetricProducer[];

/** Those that could be had, of the exporters that push. */
export type PushExporters = ReadonlyMap<ExporterName, PushExporter>;

class ConsoleExporter extends ConsoleMetricExporter implements PushExporter {
  exportNow(metrics: ResourceMetrics): void {
    this.export(metrics, () => {});
  }
}

/** Loads what the configuration asks for. What cannot be had is said in the log, with the remedy, and left out. */
export async function loadPushExporters(config: RedConfig, log: Log): Promise<PushExporters> {
  connectDiag(log);
  setGlobalErrorHandler((error) => {
    if (!isFailedExport(error)) diag.error(reasonOf(error));
  });
  const exporters = new Map<ExporterName, PushExporter>();
  if (config.exporters.includes("console")) exporters.set("console", new ConsoleExporter());
  if (config.exporters.includes("otlp")) {
    try {
      const { createOtlpExporter } = await import("./otlp/otlp.ts");
      exporters.set("otlp", createOtlpExporter(config, log));
    } catch (error) {
      const outcome =
        config.exporters.length > 1 ? "The other exporters go on" : "The application runs without metrics";
      log.error(`OTEL_METRICS_EXPORTER=otlp over ${config.otlpProtocol}: ${reasonOf(error)}. ${outcome}`);
    }
  }
  return exporters;
}

/** The reader throws it in addition to the result that the exporter has given, and that has been told. */
function isFailedExport(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("PeriodicExportingMetricReader: metrics export failed");
}

const cumulative: SelectTemporality = () => AggregationTemporality.CUMULATIVE;

/** Collects when it is scraped. Its own server and serializer stay unused (see prometheus/). */
export function createScrapedReader(producers: Producers): MetricReader {
  return new PrometheusExporter({
    preventServerStart: true,
    metricProducers: [...producers("prometheus", cumulative)],
  });
}

/** Exports at an interval, of which the first is over once the provider has been made. */
export function createPushReader(
  name: ExporterName,
  exporter: PushMetricExporter,
  { exportIntervalMs, exportTimeoutMs }: Pick<RedConfig, "exportIntervalMs" | "exportTimeoutMs">,
  producers: Producers,
): MetricReader {
  return new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: exportIntervalMs,
    exportTimeoutMillis: exportTimeoutMs,
    metricProducers: [...producers(name, exporter.selectAggregationTemporality?.bind(exporter) ?? cumulative)],
  });
}
