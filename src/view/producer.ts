/**
 * The one way out: a metric reader collects a snapshot of one instant, and with it all RED families as the SDK's metric data.
 *
 * Each metric reader has a producer of its own, because `collect()` carries no temporality: a reader that wants deltas gets
 * the change since the snapshot that it was given before.
 */
import type { Resource } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  type CollectionResult,
  type MetricProducer,
  type ScopeMetrics,
} from "@opentelemetry/sdk-metrics";
import { RedPoints } from "./points.ts";
import { SCOPE } from "./scope.ts";
import type { RedSnapshot } from "./snapshot.ts";

/** Where the values come from: one of the two instrumentations. */
export type TakeSnapshot = () => RedSnapshot;

/** A producer that has its values at hand. */
export interface PromptProducer extends MetricProducer {
  /** As `collect`, for when there is no time to wait. */
  collectNow(): ScopeMetrics[];
}

/** A producer of what instruments have measured. */
export interface InstrumentProducer extends PromptProducer {
  /** As `collectNow`, without what has to be observed. */
  collectRecorded(): ScopeMetrics[];
}

/** The RED metrics of one collection. An exporter that knows the snapshot can do without the data points. */
export interface RedScopeMetrics extends ScopeMetrics {
  readonly red: RedSnapshot;
}

export function isRed(scopeMetrics: ScopeMetrics): scopeMetrics is RedScopeMetrics {
  return "red" in scopeMetrics;
}

export class RedProducer implements PromptProducer {
  readonly #takeSnapshot: TakeSnapshot;
  readonly #resource: Resource;
  readonly #temporality: AggregationTemporality;
  /** Under delta temporality what was given last; else nothing. */
  #previous: RedSnapshot | undefined;

  constructor(takeSnapshot: TakeSnapshot, resource: Resource, temporality: AggregationTemporality) {
    this.#takeSnapshot = takeSnapshot;
    this.#resource = resource;
    this.#temporality = temporality;
  }

  async collect(): Promise<CollectionResult> {
    return { resourceMetrics: { resource: this.#resource, scopeMetrics: this.collectNow() }, errors: [] };
  }

  collectNow(): RedScopeMetrics[] {
    const snapshot = this.#takeSnapshot();
    const previous = this.#previous;
    if (this.#temporality === AggregationTemporality.DELTA) this.#previous = snapshot;
    const scopeMetrics: RedScopeMetrics = {
      scope: SCOPE,
      red: snapshot,
      // built when asked for: the Prometheus endpoint renders the snapshot itself
      get metrics() {
        return new RedPoints(snapshot, previous).metrics(temporality);
      },
    };
    const temporality = this.#temporality;
    return [scopeMetrics];
  }
}
