/**
 * What a metric reader of the SDK would collect, at once: when a process ends, no promise is kept any more.
 *
 * The SDK collects asynchronously for the sake of observable instruments, whose callbacks may be asynchronous. Here a
 * callback that is asynchronous is left out. The SDK keeps its values in private fields. They stay the same, as its version
 * is pinned and built into our bundle.
 */
import { type Attributes, type HrTime, ValueType } from "@opentelemetry/api";
import { millisToHrTime } from "@opentelemetry/core";
import { InstrumentType, type MetricData, type MetricReader, type ScopeMetrics } from "@opentelemetry/sdk-metrics";

interface Collector {
  readonly _sharedState: { readonly meterSharedStates: ReadonlyMap<string, MeterState> };
}

interface MeterState {
  readonly _instrumentationScope: ScopeMetrics["scope"];
  readonly metricStorageRegistry: { getStorages(collector: Collector): readonly Storage[] };
  readonly observableRegistry: {
    readonly _callbacks: readonly { readonly callback: Callback; readonly instrument: Instrument }[];
    readonly _batchCallbacks: readonly { readonly callback: Callback; readonly instruments: ReadonlySet<Instrument> }[];
  };
}

/** Of one instrument, or of several: what it is given differs. */
type Callback = (result: { observe(...observed: unknown[]): void }) => unknown;

interface Instrument {
  readonly _descriptor: { readonly valueType: ValueType };
  readonly _metricStorages: readonly ObservableStorage[];
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

type Values = Map<Attributes, number>;

interface ObservableStorage extends Storage {
  record(values: Values, observedAt: HrTime): void;
}

/** Under delta temporality it counts as a collection: the next one tells what comes after it. */
export function collectNow(reader: MetricReader): ScopeMetrics[] {
  return collect(reader, observeNow);
}

/** As `collectNow`, without observable instruments: no callback is called. */
export function collectRecorded(reader: MetricReader): ScopeMetrics[] {
  return collect(reader, () => new Set());
}

function collect(reader: MetricReader, observe: typeof observeNow): ScopeMetrics[] {
  const collector = (reader as unknown as { readonly _sdkMetricProducer: Collector })._sdkMetricProducer;
  const collectionTime = millisToHrTime(Date.now());
  const scopeMetrics: ScopeMetrics[] = [];
  for (const {
    _instrumentationScope: scope,
    metricStorageRegistry,
    observableRegistry,
  } of collector._sharedState.meterSharedStates.values()) {
    const observed = observe(observableRegistry, collectionTime);
    const metrics = metricStorageRegistry
      .getStorages(collector)
      .filter((storage) => observed.has(storage) || !OBSERVABLE.includes(storage.getInstrumentDescriptor().type))
      .flatMap((storage) => storage.collect(collector, collectionTime) ?? []);
    if (metrics.length > 0) scopeMetrics.push({ scope, metrics });
  }
  return scopeMetrics;
}

/** @returns what has been recorded into */
function observeNow(
  { _callbacks, _batchCallbacks }: MeterState["observableRegistry"],
  observedAt: HrTime,
): ReadonlySet<Storage> {
  const observed = new Set<Storage>();
  const record = (instrument: Instrument, values: Values) => {
    for (const storage of instrument._metricStorages) {
      storage.record(values, observedAt);
      observed.add(storage);
    }
  };
  for (const { callback, instrument } of _callbacks) {
    const values: Values = new Map();
    const observe = (value: unknown, attributes: unknown) => put(values, instrument, value, attributes);
    if (isOverAtOnce(callback, observe)) record(instrument, values);
  }
  for (const { callback, instruments } of _batchCallbacks) {
    const valuesOf = new Map([...instruments].map((instrument) => [instrument, new Map() as Values]));
    const observe = (instrument: unknown, value: unknown, attributes: unknown) => {
      const values = valuesOf.get(instrument as Instrument);
      if (values !== undefined) put(values, instrument as Instrument, value, attributes);
    };
    if (isOverAtOnce(callback, observe)) for (const [instrument, values] of valuesOf) record(instrument, values);
  }
  return observed;
}

/** Calls it, unless it is known to be asynchronous. */
function isOverAtOnce(callback: Callback, observe: (...observed: unknown[]) => void): boolean {
  if (Object.prototype.toString.call(callback) === "[object AsyncFunction]") return false;
  try {
    const result = callback({ observe }) as { then?: (onResult: undefined, onError: () => void) => void } | undefined;
    result?.then?.(undefined, () => {});
    return result?.then === undefined;
  } catch {
    // the application's own; the rest is collected all the same
    return false;
  }
}

/** As the SDK takes a value. */
function put(values: Values, { _descriptor }: Instrument, value: unknown, attributes: unknown): void {
  if (typeof value !== "number") return;
  const taken = _descriptor.valueType === ValueType.INT ? Math.trunc(value) : value;
  if (_descriptor.valueType === ValueType.INT && !Number.isInteger(taken)) return;
  values.set((attributes ?? {}) as Attributes, taken);
}
