/**
 * What a metric reader of the SDK would collect, at once: when a process ends, no promise is kept any more.
 *
 * The SDK collects asynchronously for the sake of observable instruments, whose callbacks may be asynchronous. They are
 * left out. The others have their values at hand, where the SDK keeps them: that is private, and the same for good, as its
 * version is pinned and built into our bundle.
 */
import type { HrTime } from "@opentelemetry/api";
import { millisToHrTime } from "@opentelemetry/core";
import { InstrumentType, type MetricData, type MetricReader, type ScopeMetrics } from "@opentelemetry/sdk-metrics";

interface Collector {
  readonly _sharedState: { readonly meterSharedStates: ReadonlyMap<string, MeterState> };
}

interface MeterState {
  readonly _instrumentationScope: ScopeMetrics["scope"];
  readonly metricStorageRegistry: { getStorages(collector: Collector): readonly Storage[] };
}

interface Storage {
  getInstrumentDescriptor(): { readonly type: InstrumentType };
  collect(collector: Collector, collectionTime: HrTime): MetricData | undefined;
}

const OBSERVABLE: readonly InstrumentType[] = [
  InstrumentType.OBSERVABLE_COUNTER,
  InstrumentType.OBSERVABLE_GAUGE,
  InstrumentType.OBSERVABLE_UP_DOWN_COUNTER,
];

/** Under delta temporality it counts as a collection: the next one tells what comes after it. */
export function collectNow(reader: MetricReader): ScopeMetrics[] {
  const collector = (reader as unknown as { readonly _sdkMetricProducer: Collector })._sdkMetricProducer;
  const collectionTime = millisToHrTime(Date.now());
  const scopeMetrics: ScopeMetrics[] = [];
  for (const {
    _instrumentationScope: scope,
    metricStorageRegistry,
  } of collector._sharedState.meterSharedStates.values()) {
    const metrics = metricStorageRegistry
      .getStorages(collector)
      .filter((storage) => !OBSERVABLE.includes(storage.getInstrumentDescriptor().type))
      .flatMap((storage) => storage.collect(collector, collectionTime) ?? []);
    if (metrics.length > 0) scopeMetrics.push({ scope, metrics });
  }
  return scopeMetrics;
}
