/**
 * What starts when the process becomes a server: the metric readers, and the endpoint that serves one of them. Loaded
 * no earlier.
 */
import { randomUUID } from "node:crypto";
import type { Server } from "node:http";
import { defaultResource, type Resource, resourceFromAttributes } from "@opentelemetry/resources";
import { InstrumentType, MeterProvider } from "@opentelemetry/sdk-metrics";
import { ATTR_SERVICE_INSTANCE_ID, ATTR_SERVICE_NAME } from "@opentelemetry/semantic-conventions";
import type { ExporterName, RedConfig } from "../config.ts";
import type { ClientMetrics } from "../instrumentation/client.ts";
import { RedProducer, type TakeSnapshot } from "../view/producer.ts";
import type { Instruments } from "./instruments.ts";
import { Endpoint } from "./prometheus/endpoint.ts";
import { Scrape } from "./prometheus/scrape.ts";
import { createReader, type Producers } from "./readers.ts";

export { Instruments } from "./instruments.ts";

export interface Exporting {
  /** Where the metrics are served; undefined while there is no endpoint. */
  readonly url: string | undefined;
  /** The port of the endpoint; 0 where there is none. */
  readonly port: number;
  /**
   * Opens the endpoint, if there is to be one, at this port (0: any). Rejects with the system's error where it cannot; the
   * rest goes on, and another port can be tried.
   */
  openEndpoint(port: number): Promise<void>;
  /** Closes the endpoint; its port is free when this has returned its promise. The rest goes on. */
  closeEndpoint(): Promise<void>;
  shutdown(): Promise<void>;
}

export interface ExportOptions {
  readonly config: RedConfig;
  /** Those of the configuration, as far as they can be had. */
  readonly exporters: readonly ExporterName[];
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

/** `service.instance.id` is always there: replicas must not merge behind a collector. */
function createResource(config: RedConfig): Resource {
  return defaultResource().merge(
    resourceFromAttributes({
      [ATTR_SERVICE_INSTANCE_ID]: randomUUID(),
      ...config.resourceAttributes,
      [ATTR_SERVICE_NAME]: config.serviceName,
    }),
  );
}

export function startExporting(options: ExportOptions): Exporting {
  const { config, takeSnapshot, instruments, clientMetrics, nowMs, onWarning, onServer, onScrapeFailure } = options;
  const resource = createResource(config);
  const exporters = options.exporters.filter((exporter) => exporter !== "none");
  const producers: Producers = (exporter, selectTemporality) => [
    new RedProducer(takeSnapshot, resource, selectTemporality(InstrumentType.HISTOGRAM)),
    instruments.producer(exporter, selectTemporality),
    ...(clientMetrics ? [clientMetrics.producer(resource, selectTemporality(InstrumentType.HISTOGRAM))] : []),
  ];
  const readers = new Map(exporters.map((exporter) => [exporter, createReader(exporter, producers)]));
  const provider = new MeterProvider({ resource, readers: [...readers.values()] });
  const scraped = readers.get("prometheus");
  const scrape = scraped && new Scrape(scraped, nowMs, onWarning);
  let endpoint: Endpoint | undefined;
  const closeEndpoint = async () => endpoint?.close();
  return {
    get url() {
      return endpoint?.url;
    },
    get port() {
      return endpoint?.port ?? 0;
    },
    async openEndpoint(port) {
      if (scrape === undefined) return;
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
      await closeEndpoint();
      await provider.shutdown();
    },
  };
}
