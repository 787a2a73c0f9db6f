/**
 * The metric readers that OTEL_METRICS_EXPORTER asks for.
 */
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import type { Resource } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  ConsoleMetricExporter,
  type MetricReader,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import type { ExporterName } from "../config.ts";
import { RedProducer, type TakeSnapshot } from "../view/producer.ts";

/** Makes the readers, each with a producer of its own. Those that push begin with it. */
export function createReader(
  exporter: Exclude<ExporterName, "none">,
  takeSnapshot: TakeSnapshot,
  resource: Resource,
): MetricReader {
  const metricProducers = [new RedProducer(takeSnapshot, resource, AggregationTemporality.CUMULATIVE)];
  switch (exporter) {
    case "prometheus":
      // it is the reader; its own server and serializer stay unused (see prometheus/)
      return new PrometheusExporter({ preventServerStart: true, metricProducers });
    case "console":
      return new PeriodicExportingMetricReader({ exporter: new ConsoleMetricExporter(), metricProducers });
  }
}
