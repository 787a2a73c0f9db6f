/**
 * Marks each measurement of the SDK's synchronous instruments. The SDK has no such hook: all of its instruments record by one
 * private method of one class. Its version is pinned, and the class is in our bundle, so that nobody else has it.
 */
import type { Attributes, Context } from "@opentelemetry/api";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import type { Changes } from "./changes.ts";

interface SyncInstrument {
  _record(value: number, attributes?: Attributes, context?: Context): void;
}

let marked: Changes | undefined;

/** From now on, measurements of all instruments mark these changes, and no others. */
export function markRecords(changes: Changes): void {
  const isHooked = marked !== undefined;
  marked = changes;
  if (isHooked) return;
  let owner = new MeterProvider().getMeter("").createCounter("a") as unknown as SyncInstrument;
  while (!Object.hasOwn(owner, "_record")) owner = Object.getPrototypeOf(owner);
  const record = owner._record;
  owner._record = function (value, attributes, context) {
    record.call(this, value, attributes, context);
    marked?.markRecorded();
  };
}
