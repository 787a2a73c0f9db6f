/**
 * Starts when the process becomes a server: the metric readers, and a function that creates the endpoint for one of them.
 * Loaded no earlier.
 */
import type { Server } from "node:http";
import { InstrumentType, MeterProvider, type MetricReader } from "@opentelemetry/sdk-metrics";
import type { ExporterName } from "../config/otel-variables.ts";
import type { RedConfig } from "../config/red-config.ts";
import type { ClientMetrics } from "../instrumentation/client/client-metrics.ts";
import type { Log } from "../log/log.ts";
import { type PromptProducer, RedProducer, type TakeSnapshot } from "../view/producer.ts";
import { beforeTheEnd, inTime } from "./flush/last-flush.ts";
import type { Instruments } from "./instruments.ts";
import { Endpoint } from "./prometheus/endpoint.ts";
import type { CreateEndpoint } from "./prometheus/endpoint-port.ts";
import { Scrape } from "./prometheus/scrape.ts";
import { createPushReader, createScrapedReader, type Producers, type PushExporters } from "./readers.ts";
import { claimInstance } from "./resource/instance.ts";
import { createResource } from "./resource/resource.ts";

export { Instruments } from "./instruments.ts";
export { loadPushExporters } from "./readers.ts";

export interface Exporting {
  /** Creates the endpoint, which its caller opens and closes; undefined if `prometheus` is not among the exporters. */
  readonly createEndpoint: CreateEndpoint | undefined;
  /** Exports for the last time once the endpoint is closed, and stops the readers. Both together take a second at most. */
  shutdown(endpointClosed: Promise<void>): Promise<void>;
}

export interface ExportOptions {
  readonly config: RedConfig;
  readonly pushExporters: PushExporters;
  readonly log: Log;
  readonly takeSnapshot: TakeSnapshot;
  /** What is measured beside RED. */
  readonly instruments: Instruments;
  /** Of outgoing requests, where they are measured. */
  readonly clientMetrics: ClientMetrics | undefined;
  /** Milliseconds of a monotonic clock. */
  readonly nowMs: () => number;
  /** Takes what the application should hear of, perhaps at each scrape the same. */
  readonly onWarning: (text: string) => void;
  /** Called with each server of ours before it listens. */
  readonly onServer: (server: Server) => void;
  /** Called when scrapes begin to fail. */
  readonly onScrapeFailure: (error: unknown) => void;
}

export function startExporting(options: ExportOptions): Exporting {
  const { config, takeSnapshot, instruments, clientMetrics } = options;
  const instance = claimInstance(config);
  const resource = createResource(config, instance.id, options.log);
  const producersOf = new Map<ExporterName, readonly PromptProducer[]>();
  const producers: Producers = (exporter, selectTemporality) => {
    // what RED counts, an application would count with synchronous instruments: under `lowmemory`, too, these are deltas
    const temporality = selectTemporality(InstrumentType.HISTOGRAM);
    const all: PromptProducer[] = [
      new RedProducer(takeSnapshot, resource, temporality),
      instruments.producer(exporter, selectTemporality),
      ...(clientMetrics ? [clientMetrics.producer(resource, temporality)] : []),
    ];
    producersOf.set(exporter, all);
    return all;
  };
  const scraped = config.exporters.includes("prometheus") ? createScrapedReader(producers) : undefined;
  const pushing = [...options.pushExporters].map(([name, exporter]) =>
    createPushReader(name, exporter, config, producers),
  );
  const provider = new MeterProvider({ resource, readers: scraped ? [scraped, ...pushing] : pushing });
  const flushNow = (longestMs: number) => {
    for (const [name, exporter] of options.pushExporters) {
      const scopeMetrics = (producersOf.get(name) ?? []).flatMap((producer) => producer.collectNow());
      exporter.exportNow({ resource, scopeMetrics }, longestMs);
    }
  };
  const flush = () => {
    instruments.hurry();
    return provider.forceFlush();
  };
  const lastFlush = pushing.length > 0 ? beforeTheEnd({ flush, flushNow }, config.exportTimeoutMs) : undefined;
  return {
    createEndpoint: scraped && endpointOf(scraped, options),
    async shutdown(endpointClosed) {
      lastFlush?.stop();
      instruments.hurry();
      await inTime(endpointClosed.then(() => provider.shutdown()));
      instance.release();
    },
  };
}

/** Serves what the reader collects. */
function endpointOf(reader: MetricReader, options: ExportOptions): CreateEndpoint {
  const { config, nowMs, onWarning, onServer, onScrapeFailure } = options;
  const scrape = new Scrape(reader, nowMs, onWarning);
  return (port) =>
    new Endpoint({ host: config.prometheusHost, port, scrape, nowMs, onServer, onFailure: onScrapeFailure });
}
