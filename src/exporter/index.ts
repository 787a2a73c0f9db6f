/**
 * What starts when the process becomes a server: the metric readers, and the endpoint that serves one of them. Loaded
 * no earlier.
 */
import type { Server } from "node:http";
import { InstrumentType, MeterProvider } from "@opentelemetry/sdk-metrics";
import type { ExporterName } from "../config/otel-variables.ts";
import type { RedConfig } from "../config/red-config.ts";
import type { ClientMetrics } from "../instrumentation/client/client-metrics.ts";
import type { Log } from "../log/log.ts";
import { type PromptProducer, RedProducer, type TakeSnapshot } from "../view/producer.ts";
import { beforeTheEnd, inTime } from "./flush/last-flush.ts";
import type { Instruments } from "./instruments.ts";
import { Endpoint } from "./prometheus/endpoint.ts";
import { Scrape } from "./prometheus/scrape.ts";
import { createPushReader, createScrapedReader, type Producers, type PushExporters } from "./readers.ts";
import { createResource } from "./resource/resource.ts";

export { Instruments } from "./instruments.ts";
export { loadPushExporters } from "./readers.ts";

export interface Exporting {
  /** Where the metrics are served; undefined while there is no endpoint. */
  readonly url: string | undefined;
  /** The port of the endpoint; 0 where there is none. */
  readonly port: number;
  /**
   * Opens the endpoint, if there is to be one, at this port (0: any); not after `shutdown`. Rejects with the system's error where it cannot; the
   * rest goes on, and another port can be tried.
   */
  openEndpoint(port: number): Promise<void>;
  /** Closes the endpoint; its port is free when this has returned its promise. The rest goes on. */
  closeEndpoint(): Promise<void>;
  shutdown(): Promise<void>;
}

export interface ExportOptions {
  readonly config: RedConfig;
  /** Whether there is to be an endpoint. */
  readonly scraped: boolean;
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
  const { config, takeSnapshot, instruments, clientMetrics, nowMs, onWarning, onServer, onScrapeFailure } = options;
  const resource = createResource(config, options.log);
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
  const scraped = options.scraped ? createScrapedReader(producers) : undefined;
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
  const scrape = scraped && new Scrape(scraped, nowMs, onWarning);
  let endpoint: Endpoint | undefined;
  let shutDown = false;
  const closeEndpoint = async () => endpoint?.close();
  return {
    get url() {
      return endpoint?.url;
    },
    get port() {
      return endpoint?.port ?? 0;
    },
    async openEndpoint(port) {
      if (scrape === undefined || shutDown) return;
      endpoint = new Endpoint({
        host: config.prometheusHost,
        port,
        scrape,
        nowMs,
        onServer,
        onFailure: onScrapeFailure,
      });
      await endpoint.listen();
    },
    closeEndpoint,
    async shutdown() {
      shutDown = true;
      lastFlush?.stop();
      instruments.hurry();
      await inTime(closeEndpoint().then(() => provider.shutdown()));
    },
  };
}
