/**
 * Starts when the process becomes a server: the metric readers, and a function that creates the endpoint for one of them.
 * Loaded no earlier.
 */
import type { Server } from "node:http";
import { InstrumentType, MeterProvider, type MetricReader } from "@opentelemetry/sdk-metrics";
import type { ExporterName } from "../config/otel-variables.ts";
import type { RedConfig } from "../config/red-config.ts";
import { Group } from "../group/group.ts";
import { collectAll, GroupProducer } from "../group/group-producer.ts";
import { mayHaveOthers } from "../group/may-have-others.ts";
import type { OwnMetrics } from "../group/own-counts.ts";
import type { ClientMetrics } from "../instrumentation/client/client-metrics.ts";
import type { Log } from "../log/log.ts";
import type { Changes } from "../view/changes.ts";
import { type InstrumentProducer, type PromptProducer, RedProducer, type TakeSnapshot } from "../view/producer.ts";
import { beforeTheEnd, inTime } from "./flush/last-flush.ts";
import type { Instruments } from "./instruments.ts";
import { Endpoint } from "./prometheus/endpoint.ts";
import type { CreateEndpoint } from "./prometheus/endpoint-port.ts";
import { Scrape } from "./prometheus/scrape.ts";
import { createPushReader, createScrapedReader, type Producers, type PushExporters } from "./readers.ts";
import { claimInstance } from "./resource/instance.ts";
import { createResource } from "./resource/resource.ts";

export { onceServed } from "../group/once-served.ts";
export { Instruments } from "./instruments.ts";
export { loadPushExporters } from "./readers.ts";

export interface Exporting {
  /** Creates the endpoint, which its caller opens and closes; undefined if `prometheus` is not among the exporters. */
  readonly createEndpoint: CreateEndpoint | undefined;
  /** The processes that share the endpoint; undefined where there are none to be expected. */
  readonly group: Group | undefined;
  /** Exports for the last time once the endpoint is closed, and stops the readers. Both together take a second at most. */
  shutdown(endpointClosed: Promise<void>): Promise<void>;
}

export interface ExportOptions {
  readonly config: RedConfig;
  readonly pushExporters: PushExporters;
  readonly log: Log;
  readonly takeSnapshot: TakeSnapshot;
  /** As `takeSnapshot`, without the requests in flight. */
  readonly takeCounted: TakeSnapshot;
  /** Marked by all that is counted. */
  readonly changes: Changes;
  /** Whether this is the primary of a cluster, and serves no traffic. */
  readonly isPrimary: boolean;
  /** The label sets of all processes together are too many. */
  readonly onOverflow: () => void;
  /** The process that serves the metrics of this one has gone. */
  readonly onLost: (rank: number | undefined) => void;
  /** Takes an exception out of our own code. */
  readonly onFailure: (error: unknown) => void;
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
  let group: Group | undefined;
  const instance = claimInstance(config);
  const resource = createResource(config, instance.id, options.log);
  const producersOf = new Map<ExporterName, readonly PromptProducer[]>();
  const producers: Producers = (exporter, selectTemporality) => {
    // what RED counts, an application would count with synchronous instruments: under `lowmemory`, too, these are deltas
    const temporality = selectTemporality(InstrumentType.HISTOGRAM);
    const others: InstrumentProducer[] = [
      instruments.producer(exporter, selectTemporality),
      ...(clientMetrics ? [clientMetrics.producer(resource, temporality)] : []),
    ];
    const all = [new RedProducer(takeSnapshot, resource, temporality), ...others];
    producersOf.set(exporter, all);
    if (exporter !== "prometheus" || !mayHaveOthers(config)) return all;
    const joined = new Group({ ...options, own: ownMetrics(options, others) });
    group = joined;
    return [new GroupProducer(all, resource, (timeoutMs) => joined.collect(timeoutMs))];
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
    group,
    async shutdown(endpointClosed) {
      lastFlush?.stop();
      instruments.hurry();
      await inTime(endpointClosed.then(() => provider.shutdown()));
      instance.release();
    },
  };
}

function ownMetrics(
  { takeSnapshot, takeCounted, changes }: ExportOptions,
  others: readonly InstrumentProducer[],
): OwnMetrics {
  return {
    takeSnapshot,
    takeCounted,
    collect: (timeoutMs) => collectAll(others, timeoutMs),
    collectNow: () => others.flatMap((producer) => producer.collectNow()),
    collectRecorded: () => others.flatMap((producer) => producer.collectRecorded()),
    takeRecorded: () => changes.takeRecorded(),
  };
}

/** Serves what the reader collects. */
function endpointOf(reader: MetricReader, options: ExportOptions): CreateEndpoint {
  const { config, nowMs, onWarning, onServer, onScrapeFailure } = options;
  const scrape = new Scrape(reader, nowMs, onWarning);
  return (port) =>
    new Endpoint({ host: config.prometheusHost, port, scrape, nowMs, onServer, onFailure: onScrapeFailure });
}
