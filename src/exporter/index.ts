/**
 * What starts when the process becomes a server: the metric readers, and the endpoint that serves one of them. Loaded
 * no earlier.
 */
import { randomUUID } from "node:crypto";
import type { Server } from "node:http";
import { defaultResource, type Resource, resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { ATTR_SERVICE_INSTANCE_ID, ATTR_SERVICE_NAME } from "@opentelemetry/semantic-conventions";
import type { ExporterName, RedConfig } from "../config.ts";
import type { TakeSnapshot } from "../view/producer.ts";
import { Endpoint } from "./prometheus/endpoint.ts";
import { Scrape } from "./prometheus/scrape.ts";
import { createReader } from "./readers.ts";

export interface Exporting {
  /** Where the metrics are served; undefined without the Prometheus exporter, and until the endpoint has opened. */
  readonly url: string | undefined;
  /** The port of the endpoint; 0 where there is none. */
  readonly port: number;
  /** Resolves when the endpoint has opened. Rejects with the system's error where it cannot; the rest goes on. */
  readonly opened: Promise<void>;
  /** Closes the endpoint; its port is free when this has returned its promise. The rest goes on. */
  closeEndpoint(): Promise<void>;
  shutdown(): Promise<void>;
}

export interface ExportOptions {
  readonly config: RedConfig;
  /** Those of the configuration, as far as they can be had. */
  readonly exporters: readonly ExporterName[];
  readonly takeSnapshot: TakeSnapshot;
  /** Milliseconds of a monotonic clock. */
  readonly nowMs: () => number;
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
  const { config, takeSnapshot, nowMs, onServer, onScrapeFailure } = options;
  const resource = createResource(config);
  const exporters = options.exporters.filter((exporter) => exporter !== "none");
  const readers = new Map(exporters.map((exporter) => [exporter, createReader(exporter, takeSnapshot, resource)]));
  const provider = new MeterProvider({ resource, readers: [...readers.values()] });
  const scraped = readers.get("prometheus");
  const endpoint =
    scraped &&
    new Endpoint({
      host: config.prometheusHost,
      port: config.prometheusPort,
      scrape: new Scrape(scraped, nowMs),
      nowMs,
      onServer,
      onFailure: onScrapeFailure,
    });
  const closeEndpoint = async () => endpoint?.close();
  return {
    get url() {
      return endpoint?.url;
    },
    get port() {
      return endpoint?.port ?? 0;
    },
    opened: endpoint?.listen() ?? Promise.resolve(),
    closeEndpoint,
    async shutdown() {
      await closeEndpoint();
      await provider.shutdown();
    },
  };
}
