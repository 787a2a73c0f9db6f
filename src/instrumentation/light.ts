/**
 * The light instrumentation, the default: Node's own diagnostics channels, straight into our aggregator.
 *
 * It implements OpenTelemetry's `Instrumentation`, but is not built on `InstrumentationBase`: that brings module hooks,
 * which cost more at start-up than everything else and are not needed here.
 */
import type { MeterProvider, TracerProvider } from "@opentelemetry/api";
import type { Instrumentation, InstrumentationConfig } from "@opentelemetry/instrumentation";
import { Aggregator } from "../view/aggregator.ts";
import type { RedView } from "../view/red.ts";
import { SCOPE } from "../view/scope.ts";
import { noneInFlight, type RedSnapshot } from "../view/snapshot.ts";
import { ServerRequests, type ServerRequestsOptions } from "./http/server-requests.ts";

export interface RedInstrumentation extends Instrumentation {
  /** All values as of now. */
  snapshot(): RedSnapshot;
  /** All values as of now, except that no request is in flight. */
  counted(): RedSnapshot;
}

export type MeasuredRequests = Omit<ServerRequestsOptions, "onEnded">;

export class LightInstrumentation implements RedInstrumentation {
  readonly instrumentationName = "otel-red/light";
  readonly instrumentationVersion = SCOPE.version;
  readonly #requests: ServerRequests;
  readonly #aggregator: Aggregator;

  /** Counts nothing before `enable()`. */
  constructor(view: RedView, options: MeasuredRequests) {
    const aggregator = new Aggregator(view, options.labelSets, Date.now());
    this.#aggregator = aggregator;
    const { changes } = options.labelSets;
    this.#requests = new ServerRequests({
      ...options,
      onEnded: (labelSet, durationSeconds, isAborted) => {
        aggregator.record(labelSet, durationSeconds);
        if (isAborted) labelSet.operation.aborted++;
        changes.mark();
      },
    });
  }

  enable(): void {
    this.#requests.enable();
  }

  disable(): void {
    this.#requests.disable();
  }

  snapshot(): RedSnapshot {
    return this.#aggregator.snapshot(this.#requests, Date.now());
  }

  counted(): RedSnapshot {
    return this.#aggregator.snapshot(noneInFlight(this.#requests), Date.now());
  }

  getConfig(): InstrumentationConfig {
    return {};
  }

  // No spans, and no meter: the measurements go to the aggregator.
  setConfig(_config: InstrumentationConfig): void {}
  setTracerProvider(_provider: TracerProvider): void {}
  setMeterProvider(_provider: MeterProvider): void {}
}
