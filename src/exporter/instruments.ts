/**
 * The SDK's meter provider for all that is no RED metric: the application's own instruments, and those of its process.
 *
 * It may be wanted long before the process turns out to be a server, with the application's first `createCounter`; what
 * is counted until the exporters start is kept. So it has no exporter: it has a reader for each of them, which collects
 * into the exporter's own reader. Each keeps its own state, as deltas demand.
 */
import type { MeterProvider } from "@opentelemetry/api";
import {
  AggregationTemporality,
  AggregationType,
  type CollectionResult,
  InstrumentType,
  MetricReader,
  MeterProvider as SdkMeterProvider,
} from "@opentelemetry/sdk-metrics";
import {
  METRIC_HTTP_SERVER_ACTIVE_REQUESTS,
  METRIC_HTTP_SERVER_REQUEST_BODY_SIZE,
  METRIC_HTTP_SERVER_REQUEST_DURATION,
  METRIC_HTTP_SERVER_RESPONSE_BODY_SIZE,
} from "@opentelemetry/semantic-conventions/incubating";
import type { ExporterName } from "../config/otel-variables.ts";
import type { RedConfig } from "../config/red-config.ts";
import { reasonOf } from "../log/log.ts";
import { Changes } from "../view/changes.ts";
import { collectNow, collectRecorded } from "../view/collect-now.ts";
import { markRecords } from "../view/marked-records.ts";
import type { InstrumentProducer } from "../view/producer.ts";

/** How an exporter wants the sums of each kind of instrument. */
export type SelectTemporality = (instrument: InstrumentType) => AggregationTemporality;

/**
 * An observable's callback that takes longer, in milliseconds, is not waited for. All are called at the same time, so this
 * is what one that hangs takes of each scrape, for which Prometheus has 10 s unless it is told otherwise.
 */
export const LONGEST_CALLBACK_MS = 3000;

/** When the process ends there is a second for all of it, and the export is yet to come. */
const LONGEST_LAST_CALLBACK_MS = 500;

/**
 * Instrumentations that the application has for its traces measure each incoming request, too. It is counted already,
 * and their attributes would multiply the series. The last is that of older semantic conventions.
 */
const INCOMING_REQUESTS: readonly string[] = [
  METRIC_HTTP_SERVER_REQUEST_DURATION,
  METRIC_HTTP_SERVER_ACTIVE_REQUESTS,
  METRIC_HTTP_SERVER_REQUEST_BODY_SIZE,
  METRIC_HTTP_SERVER_RESPONSE_BODY_SIZE,
  "http.server.duration",
];

export class Instruments {
  readonly provider: MeterProvider;
  readonly #readers: ReadonlyMap<ExporterName, CollectingReader>;
  readonly #onFailedCallback: (why: string) => void;
  #collecting: ExporterName | undefined;
  #longestCallbackMs = LONGEST_CALLBACK_MS;

  /**
   * @param onFailedCallback takes what an observable's callback of the application has thrown, at each collection
   * @param changes marked by each measurement
   */
  constructor(
    { exporters, otlpHistogramAggregation }: Pick<RedConfig, "exporters" | "otlpHistogramAggregation">,
    onFailedCallback: (why: string) => void,
    changes = new Changes(),
  ) {
    this.#onFailedCallback = onFailedCallback;
    const histogramsOf = (exporter: ExporterName) =>
      exporter === "otlp" && otlpHistogramAggregation === "base2_exponential_bucket_histogram"
        ? AggregationType.EXPONENTIAL_HISTOGRAM
        : AggregationType.DEFAULT;
    this.#readers = new Map(exporters.map((exporter) => [exporter, new CollectingReader(histogramsOf(exporter))]));
    markRecords(changes);
    this.provider = new SdkMeterProvider({
      views: INCOMING_REQUESTS.map((instrumentName) => ({
        instrumentName,
        aggregation: { type: AggregationType.DROP },
      })),
      readers: [...this.#readers.values()],
    });
  }

  /** Those that may collect. */
  get exporters(): readonly ExporterName[] {
    return [...this.#readers.keys()];
  }

  /** In a callback of an observable instrument, the exporter for which it is called; also undefined in what it awaits. */
  get collecting(): ExporterName | undefined {
    return this.#collecting;
  }

  /** From now on callbacks have little time: one that hangs must not take all the rest of the last export along. */
  hurry(): void {
    this.#longestCallbackMs = LONGEST_LAST_CALLBACK_MS;
  }

  /** The instruments as one exporter is to see them. Called once for each. */
  producer(exporter: ExporterName, selectTemporality: SelectTemporality): InstrumentProducer {
    const reader = this.#readers.get(exporter);
    if (reader === undefined) throw new RangeError(`${exporter} is none of the configured exporters`);
    reader.selectTemporality = selectTemporality;
    return {
      collect: (options) => this.#collect(exporter, reader, options?.timeoutMillis ?? this.#longestCallbackMs),
      collectNow: () => this.#whileCollecting(exporter, () => collectNow(reader)),
      collectRecorded: () => collectRecorded(reader),
    };
  }

  /** What fails here is the application's own: no reason to withhold everything else from its exporters. */
  async #collect(exporter: ExporterName, reader: CollectingReader, timeoutMs: number): Promise<CollectionResult> {
    const timeoutMillis = Math.min(this.#longestCallbackMs, timeoutMs);
    // the SDK calls all callbacks before it waits for the first
    const { resourceMetrics, errors } = await this.#whileCollecting(exporter, () => reader.collect({ timeoutMillis }));
    for (const error of errors) {
      this.#onFailedCallback(`an observable instrument of the application is not exported: ${reasonOf(error)}`);
    }
    return { resourceMetrics, errors: [] };
  }

  #whileCollecting<T>(exporter: ExporterName, collect: () => T): T {
    this.#collecting = exporter;
    try {
      return collect();
    } finally {
      this.#collecting = undefined;
    }
  }
}

class CollectingReader extends MetricReader {
  /** Known when the exporters start, and not asked for before. */
  selectTemporality: SelectTemporality = () => AggregationTemporality.CUMULATIVE;

  constructor(histograms: AggregationType.DEFAULT | AggregationType.EXPONENTIAL_HISTOGRAM) {
    super({
      aggregationTemporalitySelector: (instrument) => this.selectTemporality(instrument),
      aggregationSelector: (instrument) => ({
        type: instrument === InstrumentType.HISTOGRAM ? histograms : AggregationType.DEFAULT,
      }),
    });
  }

  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
}
