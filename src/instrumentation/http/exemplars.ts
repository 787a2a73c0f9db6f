/**
 * Exemplars: for each bucket of the duration histogram the span of the request that fell into it last, so that a slow
 * bucket leads to a trace. Only where the application traces.
 * https://opentelemetry.io/docs/specs/otel/metrics/sdk/#exemplar
 */
import { type ContextManager, isSpanContextValid, type Span, type SpanContext, TraceFlags } from "@opentelemetry/api";
import { registeredByApplication } from "../../application/registered.ts";
import type { ExemplarFilter } from "../../config/otel-variables.ts";
import type { LabelSet } from "../../view/label-sets.ts";
import { bucketOf } from "../../view/snapshot.ts";

/** The key of every copy of the API. https://github.com/open-telemetry/opentelemetry-js/blob/main/api/src/trace/context-utils.ts */
const SPAN = Symbol.for("OpenTelemetry Context Key SPAN");

function activeSpan(manager: ContextManager): SpanContext | undefined {
  try {
    return (manager.active().getValue(SPAN) as Partial<Span> | undefined)?.spanContext?.();
  } catch {
    return undefined; // a context manager, or a span, of the application's own
  }
}

export class Exemplars {
  readonly #boundaries: readonly number[];
  readonly #filter: ExemplarFilter;

  /** @param boundaries of the histogram, in seconds, ascending, without +Inf */
  constructor(boundaries: readonly number[], filter: ExemplarFilter) {
    this.#boundaries = boundaries;
    this.#filter = filter;
  }

  /** Hot path (per request that was answered), in the context of its answer. */
  offer(labelSet: LabelSet, durationSeconds: number): void {
    const manager = registeredByApplication()?.context;
    if (manager === undefined || this.#filter === "always_off") return;
    const span = activeSpan(manager);
    if (span === undefined || !isSpanContextValid(span)) return;
    if (this.#filter === "trace_based" && (span.traceFlags & TraceFlags.SAMPLED) === 0) return;
    labelSet.exemplars[bucketOf(this.#boundaries, durationSeconds)] = {
      traceId: span.traceId,
      spanId: span.spanId,
      value: durationSeconds,
      atMs: Date.now(),
    };
  }
}
