/**
 * What keeps the event loop alive: resources as Node.js documents them, and libuv's handles and requests, which it gives
 * up slowly (DEP0161): where they are gone, so are their metrics.
 */
import type { Attributes, Meter } from "@opentelemetry/api";
import { counted, observe, type Stop, together } from "./observe.ts";

/** https://nodejs.org/api/deprecations.html#dep0161-process_getactiverequests-and-process_getactivehandles */
type Undocumented = { _getActiveHandles?: () => unknown[]; _getActiveRequests?: () => unknown[] };

interface Kind {
  readonly name: string;
  readonly description: string;
  readonly totalDescription: string;
  readonly unit: string;
  /** The types of all that is active, each as often as it is there; undefined where Node.js does not tell. */
  readonly types: (() => readonly string[]) | undefined;
}

function kinds(): readonly Kind[] {
  const { _getActiveHandles, _getActiveRequests } = process as Undocumented;
  return [
    {
      name: "nodejs_active_resources",
      description:
        "Number of active resources that are currently keeping the event loop alive, grouped by async resource type.",
      totalDescription: "Total number of active resources.",
      unit: "resource",
      types: () => process.getActiveResourcesInfo(),
    },
    {
      name: "nodejs_active_handles",
      description: "Number of active libuv handles grouped by handle type. Every handle type is C++ class name.",
      totalDescription: "Total number of active handles.",
      unit: "handle",
      types: _getActiveHandles && (() => _getActiveHandles.call(process).map(className)),
    },
    {
      name: "nodejs_active_requests",
      description: "Number of active libuv requests grouped by request type. Every request type is C++ class name.",
      totalDescription: "Total number of active requests.",
      unit: "request",
      types: _getActiveRequests && (() => _getActiveRequests.call(process).map(className)),
    },
  ];
}

/** The help says C++, but what Node.js hands out are its own objects: `Socket`, `Server`, `FSReqCallback`. */
function className(object: unknown): string {
  return String((object as object | null)?.constructor?.name ?? "");
}

export function observeActive(meter: Meter): Stop {
  const stops = kinds().flatMap((kind) => (kind.types === undefined ? [] : [observeKind(meter, kind, kind.types)]));
  return together(stops);
}

function observeKind(meter: Meter, kind: Kind, activeTypes: () => readonly string[]): Stop {
  const { name, description, totalDescription } = kind;
  const byType = meter.createObservableGauge(name, { description, ...counted(kind.unit) });
  const total = meter.createObservableGauge(`${name}_total`, {
    description: totalDescription,
    ...counted(kind.unit),
  });
  /** Those seen before stay, with 0: under cumulative temporality the SDK would go on to show the last number. */
  const seen = new Map<string, { readonly attributes: Attributes; count: number }>();
  return observe(meter, [byType, total], (result) => {
    const types = activeTypes();
    for (const entry of seen.values()) entry.count = 0;
    for (const type of types) {
      const entry = seen.get(type);
      if (entry === undefined) seen.set(type, { attributes: { type }, count: 1 });
      else entry.count += 1;
    }
    for (const { attributes, count } of seen.values()) result.observe(byType, count, attributes);
    result.observe(total, types.length);
  });
}
