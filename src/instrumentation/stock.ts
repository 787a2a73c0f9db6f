/**
 * The stock instrumentation: `@opentelemetry/instrumentation-http` into a private SDK `MeterProvider` with the RED view.
 * The reference, and the source of spans for whoever has a tracer registered. Loaded only when asked for.
 *
 * By itself the package records an aborted request as 200, a request whose handler throws without its status, one that
 * waits in a pipeline or that Node answers itself not at all, and no template. So it measures, and what it measured is
 * recorded under the ending and the path that `ServerRequests` has seen.
 */

import type { ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { Attributes, Histogram, Meter, MeterProvider, TracerProvider } from "@opentelemetry/api";
import type { InstrumentationConfig } from "@opentelemetry/instrumentation";
import type { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import {
  DataPointType,
  type HistogramMetricData,
  type Histogram as HistogramValue,
  MeterProvider as SdkMeterProvider,
} from "@opentelemetry/sdk-metrics";
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  METRIC_HTTP_SERVER_REQUEST_DURATION,
} from "@opentelemetry/semantic-conventions";
import { collectNow } from "../view/collect-now.ts";
import { InMemoryReader } from "../view/in-memory-reader.ts";
import type { LabelSet, LabelSets, Operation } from "../view/label-sets.ts";
import { METHODS } from "../view/methods.ts";
import type { RedView } from "../view/red.ts";
import { copyOperations, noneInFlight, type RedSnapshot, type RequestsInFlight, stride } from "../view/snapshot.ts";
import type { ServerRequests } from "./http/server-requests.ts";
import type { MeasuredRequests, RedInstrumentation } from "./light.ts";

/** A request that has ended and waits for the measurement of instrumentation-http. */
interface Ended {
  readonly labelSet: LabelSet;
  /** Our own measurement, for the requests that the package does not measure. */
  readonly durationSeconds: number;
  readonly isAborted: boolean;
}

export class StockInstrumentation implements RedInstrumentation, RequestsInFlight {
  readonly instrumentationName: string;
  readonly instrumentationVersion: string;
  readonly #labelSets: LabelSets;
  readonly #boundaries: readonly number[];
  readonly #requests: ServerRequests;
  readonly #http: HttpInstrumentation;
  readonly #reader = new InMemoryReader();
  readonly #startedAtMs = Date.now();
  readonly #ended = new Map<ServerResponse, Ended>();
  readonly #onFailure: (error: unknown) => void;
  #histogram: Histogram | undefined;
  /** The response that instrumentation-http is about to record: its hook is called right before. */
  #closing: ServerResponse | undefined;

  /**
   * Counts nothing before `enable()`.
   *
   * @param Requests the class itself: this file is built into a bundle of its own, and a second copy of the class would
   *   not know the connections that the routes look at
   * @throws where `@opentelemetry/instrumentation-http` cannot be loaded
   */
  constructor(view: RedView, options: MeasuredRequests, Requests: typeof ServerRequests) {
    this.#labelSets = options.labelSets;
    this.#boundaries = view.aggregation.options.boundaries;
    this.#onFailure = options.onFailure;
    this.#requests = new Requests({
      ...options,
      onEnded: (labelSet, durationSeconds, isAborted, response) =>
        this.#onEnded(response, { labelSet, durationSeconds, isAborted }),
    });
    const provider = new SdkMeterProvider({ views: [view], readers: [this.#reader] });
    this.#http = loadHttpInstrumentation({
      enabled: false,
      disableOutgoingRequestInstrumentation: true,
      applyCustomAttributesOnSpan: (_span, _request, response) => {
        this.#closing = response as ServerResponse;
      },
    });
    this.instrumentationName = this.#http.instrumentationName;
    this.instrumentationVersion = this.#http.instrumentationVersion;
    this.#http.setMeterProvider(this.#meterProvider(provider));
  }

  enable(): void {
    this.#requests.enable();
    this.#http.enable();
    patchBuiltins();
  }

  disable(): void {
    this.#http.disable();
    this.#requests.disable();
    this.#ended.clear();
  }

  getConfig(): InstrumentationConfig {
    return this.#http.getConfig();
  }

  setConfig(config: InstrumentationConfig): void {
    this.#http.setConfig(config);
  }

  setTracerProvider(provider: TracerProvider): void {
    this.#http.setTracerProvider(provider);
  }

  // The measurements go to our own provider, under the RED view.
  setMeterProvider(_provider: MeterProvider): void {}

  get excluded(): number {
    return this.#requests.excluded;
  }

  /** A request that has ended but is not recorded yet is still in flight: a scrape sees each one or the other way. */
  forEachOperation(visit: (operation: Operation) => void): void {
    this.#requests.forEachOperation(visit);
    for (const { labelSet } of this.#ended.values()) visit(labelSet.operation);
  }

  snapshot(): RedSnapshot {
    return this.#snapshot(this);
  }

  counted(): RedSnapshot {
    return this.#snapshot(noneInFlight(this));
  }

  #snapshot(inFlight: RequestsInFlight): RedSnapshot {
    const operations = copyOperations(this.#labelSets, inFlight);
    const labelSets = this.#labelSets.all;
    const values = new Float64Array(labelSets.length * stride(this.#boundaries));
    const metrics = collectNow(this.#reader).flatMap((scope) => scope.metrics);
    for (const metric of metrics.filter((metric) => metric.dataPointType === DataPointType.HISTOGRAM))
      this.#copy(metric, values);
    return {
      ...operations,
      labelSets,
      count: labelSets.length,
      values,
      boundaries: this.#boundaries,
      startedAtMs: this.#startedAtMs,
      takenAtMs: Date.now(),
    };
  }

  #copy(metric: HistogramMetricData, values: Float64Array): void {
    const byLabels = new Map(this.#labelSets.all.map((labelSet) => [JSON.stringify(labelSet.attributes), labelSet]));
    for (const { attributes, value } of metric.dataPoints) {
      const labelSet = byLabels.get(JSON.stringify(attributes));
      if (labelSet === undefined) continue;
      const { buckets, sum } = value as HistogramValue;
      values.set([...buckets.counts, sum ?? 0], labelSet.index * stride(this.#boundaries));
    }
  }

  #onEnded(response: ServerResponse, ended: Ended): void {
    this.#ended.set(response, ended);
    // the package records when the response closes, right after this; what it never saw is recorded then
    setImmediate(() => {
      try {
        this.#record(response, undefined, {});
      } catch (error) {
        this.#onFailure(error);
      }
    });
  }

  #record(response: ServerResponse, measuredSeconds: number | undefined, attributes: Attributes): void {
    const ended = this.#ended.get(response);
    // not ended: a handler has thrown, and somebody may still answer. Not there: recorded already.
    if (ended === undefined) return;
    this.#ended.delete(response);
    const { operation, statusCode } = ended.labelSet;
    if (ended.isAborted) operation.aborted++;
    this.#histogram?.record(measuredSeconds ?? ended.durationSeconds, {
      ...attributes,
      [ATTR_HTTP_REQUEST_METHOD]: METHODS[operation.methodIndex],
      [ATTR_HTTP_RESPONSE_STATUS_CODE]: statusCode,
      [ATTR_HTTP_ROUTE]: operation.path.value,
    });
    this.#labelSets.changes.mark();
  }

  /** The SDK's provider, but for the one instrument whose measurements are recorded under the true ending. */
  #meterProvider(provider: SdkMeterProvider): MeterProvider {
    const record = (seconds: number, attributes: Attributes = {}) => {
      const response = this.#closing;
      this.#closing = undefined;
      if (response !== undefined) this.#record(response, seconds, attributes);
    };
    return {
      getMeter: (name, version, options) => {
        const meter = provider.getMeter(name, version, options);
        const createHistogram: Meter["createHistogram"] = (instrument, options) => {
          const histogram = meter.createHistogram(instrument, options);
          if (instrument !== METRIC_HTTP_SERVER_REQUEST_DURATION) return histogram;
          this.#histogram = histogram;
          return { record } as Histogram;
        };
        return new Proxy(meter, {
          get: (target, property) =>
            property === "createHistogram" ? createHistogram : Reflect.get(target, property, target),
        });
      },
    };
  }
}

type HttpInstrumentationConfig = ConstructorParameters<typeof HttpInstrumentation>[0];

const requireFromHere = createRequire(import.meta.url);

function loadHttpInstrumentation(config: HttpInstrumentationConfig): HttpInstrumentation {
  const { HttpInstrumentation } = requireFromHere(
    "@opentelemetry/instrumentation-http",
  ) as typeof import("@opentelemetry/instrumentation-http");
  return new HttpInstrumentation(config);
}

/** instrumentation-http patches `Server.prototype` when the module is required: an ES module application never does. */
function patchBuiltins(): void {
  requireFromHere("node:http");
  requireFromHere("node:https");
}
