/**
 * Exemplars: for each bucket of the duration histogram the span of the request that fell into it last, so that a slow
 * bucket leads to a trace. Only where the application traces.
 * https://opentelemetry.io/docs/specs/otel/metrics/sdk/#exemplar
 */
import { isSpanContextValid, type SpanContext, TraceFlags } from "@opentelemetry/api";
import type { LabelSet } from "../view/label-sets.ts";

/** `trace_based` takes sampled spans only: the others are in no tracing backend. */
export type ExemplarFilter = "always_on" | "always_off" | "trace_based";

/**
 * What the application has registered, by whatever copy of the API: ours would turn away the context manager of an older
 * one. https://github.com/open-telemetry/opentelemetry-js/blob/main/api/src/internal/global-utils.ts
 */
const SHARED_BY_COPIES = Symbol.for("opentelemetry.js.api.1");
const SPAN = Symbol.for("OpenTelemetry Context Key SPAN");

interface Shared {
  readonly [SHARED_BY_COPIES]?: {
    readonly context?: { active(): { getValue(key: symbol): { spanContext?(): SpanContext } | undefined } };
  };
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
    const manager = (globalThis as Shared)[SHARED_BY_COPIES]?.context;
    if (manager === undefined || this.#filter === "always_off") return;
    const span = manager.active().getValue(SPAN)?.spanContext?.();
    if (span === undefined || !isSpanContextValid(span)) return;
    if (this.#filter === "trace_based" && (span.traceFlags & TraceFlags.SAMPLED) === 0) return;
    const boundaries = this.#boundaries;
    let bucket = 0;
    while (bucket < boundaries.length && durationSeconds > (boundaries[bucket] as number)) bucket++;
    labelSet.exemplars[bucket] = {
      traceId: span.traceId,
      spanId: span.spanId,
      value: durationSeconds,
      atMs: Date.now(),
    };
  }
}
