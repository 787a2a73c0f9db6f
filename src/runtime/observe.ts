/**
 * A source of values that is read once at each collection, whatever the number of instruments that show it.
 */
import {
  type BatchObservableCallback,
  type BatchObservableResult,
  type Meter,
  type MetricOptions,
  type Observable,
  ValueType,
} from "@opentelemetry/api";

/** Undoes what was started. */
export type Stop = () => void;

/** Who collects: a window of time is that of one reader. */
export interface Readers {
  readonly exporters: readonly string[];
  /** In a callback, the one for which it is called. */
  readonly collecting: string | undefined;
}

export function together(stops: readonly Stop[]): Stop {
  return () => {
    for (const stop of stops) stop();
  };
}

/** Units by which a Prometheus exporter recognises that the name already ends in it, and adds nothing. */
export const SECONDS: MetricOptions = { unit: "s", valueType: ValueType.DOUBLE };
export const BYTES: MetricOptions = { unit: "By", valueType: ValueType.INT };

/** An annotation, which becomes no part of the name, as `1` would (`_ratio`). */
export function counted(what: string): MetricOptions {
  return { unit: `{${what}}`, valueType: ValueType.INT };
}

/**
 * @param read asked at each collection, of each metric reader. Where it throws, the values that it has not given are left
 *   out: an exception would be the collection's, and so take the application's metrics and RED along.
 */
export function observe(
  meter: Meter,
  instruments: readonly Observable[],
  read: (result: BatchObservableResult) => void,
): Stop {
  const callback: BatchObservableCallback = (result) => {
    try {
      read(result);
    } catch {
      // not on this platform, or forbidden here
    }
  };
  meter.addBatchObservableCallback(callback, [...instruments]);
  return () => meter.removeBatchObservableCallback(callback, [...instruments]);
}
