/**
 * What starts when the process becomes a server: the metric readers, and the endpoint that serves one of them. Loaded
 * no earlier.
 */
import { randomUUID } from "node:crypto";
import type { Server } from "node:http";
import { defaultResource, type Resource, resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { ATTR_SERVICE_INSTANCE_ID, ATTR_SERVICE_NAME } from "@opentelemetry/semantic-conventions";
import type { RedConfig } from "../config.ts";
import type { TakeSnapshot } from "../view/producer.ts";
import { Endpoint } from "./prometheus/endpoint.ts";
import { Scrape } from "./prometheus/scrape.ts";
import { createReader } from "./readers.ts";

export interface Exporting {
  /** Where the metrics are served; undefined without the Prometheus exporter. */
  readonly url: string | undefined;
  shutdown(): Promise<void>;
}

export interface ExportOptions {
  readonly config: RedConfig;
  readonly takeSnapshot: TakeSnapshot;
  /** Called with each server of ours before it listens. */
  readonly onServer: (server: Server) => void;
  readonly onScrapeFailure: (error: unknown) => void;
}

/** `service.instance.id` is always there: replicas must not merge behind a collector. */
export function createResource(config: RedConfig): Resource {
  return defaultResource().merge(
    resourceFromAttributes({
      [ATTR_SERVICE_INSTANCE_ID]: randomUUID(),
      ...config.resourceAttributes,
      [ATTR_SERVICE_NAME]: config.serviceName,
    }),
  );
}

/** @throws the system's error where the Prometheus endpoint cannot listen */
export async function startExporting({
  config,
  takeSnapshot,
  onServer,
  onScrapeFailure,
}: ExportOptions): Promise<Exporting> {
  const resource = createResource(config);
  const exporters = config.exporters.filter((exporter) => exporter !== "none");
  const readers = new Map(exporters.map((exporter) => [exporter, createReader(exporter, takeSnapshot, resource)]));
  const provider = new MeterProvider({ resource, readers: [...readers.values()] });
  const scraped = readers.get("prometheus");
  const endpoint =
    scraped &&
    new Endpoint({
      host: config.prometheusHost,
      port: config.prometheusPort,
      scrape: new Scrape(scraped),
      onServer,
      onScrapeFailure,
    });
  const shutdown = async () => {
    await endpoint?.close();
    await provider.shutdown();
  };
  try {
    await endpoint?.listen();
  } catch (error) {
    await shutdown();
    throw error;
  }
  return { url: endpoint?.url, shutdown };
}
