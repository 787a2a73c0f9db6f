/** The metric reader of a private `MeterProvider`: collects when it is asked to, and gives all there is since the start. */
import { AggregationTemporality, MetricReader } from "@opentelemetry/sdk-metrics";

export class InMemoryReader extends MetricReader {
  constructor() {
    super({ aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE });
  }
  protected async onShutdown(): Promise<void> {}
  protected async onForceFlush(): Promise<void> {}
}
