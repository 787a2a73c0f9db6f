/**
 * Outgoing requests (RED_CLIENT_METRICS): OpenTelemetry's http and undici instrumentations into a private SDK
 * `MeterProvider` with the view of view/client.ts. Loaded only when asked for, and synchronously, in front of the
 * application: its first line may be `const { request } = require("node:http")`.
 *
 * An application may trace with these two packages itself. Ours make no span, add no header and touch no context,
 * because this file is built with an API that has no globals and with no module hooks (scripts/isolated.ts): whatever
 * tracer, propagator or context manager the application registers, ours do not see it.
 */
import type { Histogram, Meter, MeterProvider } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import { type AggregationTemporality, MeterProvider as SdkMeterProvider } from "@opentelemetry/sdk-metrics";
import { METRIC_HTTP_CLIENT_REQUEST_DURATION } from "@opentelemetry/semantic-conventions";
import type { Changes } from "../../view/changes.ts";
import { type ClientViewOptions, clientView } from "../../view/client.ts";
import { ClientProducer } from "../../view/client-producer.ts";
import { InMemoryReader } from "../../view/in-memory-reader.ts";
import type { InstrumentProducer } from "../../view/producer.ts";
import { SCOPE } from "../../view/scope.ts";
import { OutgoingHttp } from "./http.ts";
import { OutgoingUndici } from "./undici.ts";

export interface ClientMetricsOptions extends ClientViewOptions {
  /** Takes exceptions of our own code. */
  readonly onFailure: (error: unknown) => void;
  /** Marked by each request that has ended. */
  readonly changes: Changes;
}

export interface ClientMetrics {
  /**
   * Measures as these options say from now on. What has been measured so far is dropped: it may have another name or other
   * buckets.
   */
  use(options: ClientViewOptions): void;
  /** One for each metric reader. */
  producer(resource: Resource, temporality: AggregationTemporality): InstrumentProducer;
  /** Requests that begin from now on are not measured. */
  stop(): void;
}

/** Measures the requests that this process makes by `node:http`, `node:https`, `fetch` and undici from now on. */
export function startClientMetrics(options: ClientMetricsOptions): ClientMetrics {
  let { histogram, reader } = measuredBy(options);
  // an application under test may set the clock back, and the SDK drops what is negative
  const record: Histogram["record"] = (seconds, attributes) => {
    histogram.record(Math.max(0, seconds), attributes);
    options.changes.markRecorded();
  };
  const undici = new OutgoingUndici(options.onFailure);
  undici.setMeterProvider(only({ record }));
  const instrumentations = [new OutgoingHttp(record, options.onFailure), undici];
  for (const instrumentation of instrumentations) instrumentation.enable();
  return {
    use(options) {
      ({ histogram, reader } = measuredBy(options));
    },
    producer: (resource, temporality) => new ClientProducer(reader, resource, temporality),
    stop() {
      for (const instrumentation of instrumentations) instrumentation.disable();
    },
  };
}

function measuredBy(options: ClientViewOptions): { readonly histogram: Histogram; readonly reader: InMemoryReader } {
  const reader = new InMemoryReader();
  const provider = new SdkMeterProvider({ views: [clientView(options)], readers: [reader] });
  const meter = provider.getMeter(SCOPE.name, SCOPE.version);
  return { histogram: meter.createHistogram(METRIC_HTTP_CLIENT_REQUEST_DURATION, { unit: "s" }), reader };
}

/**
 * A provider of one histogram, so that both packages record into the same series: with a meter of its own for each, a
 * host that is called by `fetch` and by `http.request` would have every series twice.
 */
function only(histogram: Histogram): MeterProvider {
  const meter = { createHistogram: () => histogram } satisfies Pick<Meter, "createHistogram">;
  return { getMeter: () => meter as unknown as Meter };
}
