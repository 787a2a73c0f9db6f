/**
 * The metric readers that OTEL_METRICS_EXPORTER asks for.
 */
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import {
  AggregationTemporality,
  ConsoleMetricExporter,
  type MetricProducer,
  type MetricReader,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import type { ExporterName } from "../config.ts";
import type { SelectTemporality } from "./instruments.ts";

/** What is collected for an exporter beside the SDK's own, which has nothing. */
export type Producers = (exporter: ExporterName, selectTemporality: SelectTemporality) => MetricProducer[];

/** Makes the readers, each with producers of its own. Those that push begin with it. */
export function createReader(exporter: Exclude<ExporterName, "none">, producers: Producers): MetricReader {
  const metricProducers = producers(exporter, () => AggregationTemporality.CUMULATIVE);
  switch (exporter) {
    case "prometheus":
      // it is the reader; its own server and serializer stay unused (see prometheus/)
      return new PrometheusExporter({ preventServerStart: true, metricProducers });
    case "console":
      return new PeriodicExportingMetricReader({ exporter: new ConsoleMetricExporter(), metricProducers });
  }
}
