/** Runtime metrics as a metric reader sees them, by their names. */
import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type AggregationTemporality, type DataPoint, type MetricData, MetricReader } from "@opentelemetry/sdk-metrics";
import { SCOPE } from "../../src/view/scope.ts";
import { until } from "./until.ts";

export const ONE_READER = { exporters: ["only"], collecting: "only" };
export const DEADLINE_MS = 10_000;
export const UTILIZATION = "nodejs_eventloop_utilization";
export const GARBAGE_COLLECTION = "nodejs_gc_duration_seconds";

export type Families = Map<string, MetricData>;

export class TestReader extends MetricReader {
  constructor(temporality: AggregationTemporality) {
    super({ aggregationTemporalitySelector: () => temporality });
  }

  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}

  async families(): Promise<Families> {
    const { resourceMetrics, errors } = await this.collect();
    assert.deepEqual(errors, []);
    const scopes = resourceMetrics.scopeMetrics;
    for (const { scope } of scopes) assert.deepEqual({ name: scope.name, version: scope.version }, SCOPE);
    return new Map(scopes.flatMap(({ metrics }) => metrics.map((metric) => [metric.descriptor.name, metric])));
  }
}

/** Of a family without labels, or of the one series that has them. */
export function value(families: Families, name: string, labels: object = {}): number {
  const points = families.get(name)?.dataPoints as DataPoint<number>[] | undefined;
  const point = points?.find(({ attributes }) => JSON.stringify(attributes) === JSON.stringify(labels));
  assert.ok(point, `${name}${JSON.stringify(labels)} is shown`);
  return point.value;
}

/** The event loop stands still for so long. */
export function burn(milliseconds: number): void {
  const endMs = performance.now() + milliseconds;
  while (performance.now() < endMs);
}

setFlagsFromString("--expose-gc");
export const collectGarbage: () => void = runInNewContext("gc");

/** Those of a process in which there has been a garbage collection, and whose event loop has turned. */
export async function complete(reader: TestReader): Promise<Families> {
  collectGarbage();
  return until("all families", DEADLINE_MS, async () => {
    const families = await reader.families();
    const awaited = [GARBAGE_COLLECTION, "nodejs_eventloop_lag_p99_seconds", "nodejs_eventloop_lag_seconds"];
    return awaited.every((name) => families.has(name)) ? families : undefined;
  });
}
