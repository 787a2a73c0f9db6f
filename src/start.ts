/**
 * Wires the pipeline in order, instrumentation → view → exporter, and owns every lifetime.
 */
import { AsyncResource } from "node:async_hooks";
import type { Server } from "node:http";
import { GlobalMeters, hasMeterProvider } from "./application/global-meters.ts";
import { lateMeterProvider } from "./application/late-meter-provider.ts";
import { mainScript } from "./config/main-script.ts";
import { OTLP_HISTOGRAM_AGGREGATION } from "./config/otel-variables.ts";
import { ProcessVariables } from "./config/process-variables.ts";
import { readConfig } from "./config/read-config.ts";
import type { RedConfig } from "./config/red-config.ts";
import type { Exporting, Instruments } from "./exporter/index.ts";
import { EndpointPort } from "./exporter/prometheus/endpoint-port.ts";
import { mayHaveOthers } from "./group/may-have-others.ts";
import type { RedHandle, StartRedOptions } from "./index.d.cts";
import type { ClientMetrics } from "./instrumentation/client/client-metrics.ts";
import { isOwnServer, markOwnServer } from "./instrumentation/http/server-seen.ts";
import { Measuring } from "./instrumentation/measuring.ts";
import { tooManyHosts, tooManyPaths } from "./log/budget.ts";
import type { BufferedLog } from "./log/buffered-log.ts";
import { eachOnce, type Log, reasonOf } from "./log/log.ts";
import { quietUntilServer, sayOf, sayTooLate, sayUnsupported, whyOf } from "./log/startup-log.ts";
import { oncePrimary } from "./node/cluster-primary.ts";
import { loadLate } from "./node/late.ts";
import { beforeServer, onceServer } from "./node/listening.ts";
import { Changes } from "./view/changes.ts";
import type { ClientViewOptions } from "./view/client.ts";

/** One otel-red for each process, or worker thread, however often and in whatever copies it is loaded. */
const RUNNING = Symbol.for("otel-red.running");
type Running = { [RUNNING]?: RedHandle | undefined };

/** For an application that starts otel-red in code; documented in index.d.cts. */
export function startRed(options: StartRedOptions = {}): RedHandle {
  return start(options, (globalMeters) => globalMeters.giveNow());
}

/** @param give when the application's own instruments get a provider. @throws as `startRed` */
export function start(options: StartRedOptions, give: (globalMeters: GlobalMeters) => void): RedHandle {
  const running = (globalThis as Running)[RUNNING];
  if (running !== undefined) return running;
  const variables = options.environment === undefined ? new ProcessVariables() : undefined;
  const config = readConfig(options.environment ?? variables?.atStart);
  if (config.disabled) return NOTHING;
  if (process.versions.bun !== undefined) {
    sayUnsupported(config);
    return NOTHING;
  }
  const log = quietUntilServer(config.logLevel);
  sayOf(config, log);
  if (config.exporters.includes("none")) return NOTHING;
  const red = new Red(config, log, variables);
  Object.defineProperty(globalThis, RUNNING, { value: red, configurable: true, enumerable: false });
  red.provideMeters(give);
  return red;
}

const NOTHING: RedHandle = { url: undefined, shutdown: async () => {} };

class Red implements RedHandle {
  #config: RedConfig;
  readonly #log: Log;
  readonly #measuring: Measuring;
  /** Bound now: an application under test replaces the clock, and puts it back. */
  readonly #nowMs = performance.now.bind(performance);
  /** What a request or a listening server of the application carries along in its async context is none of our business. */
  readonly #outside = new AsyncResource("otel-red", { requireManualDestroy: true });
  /** What undoes what was done, in the order in which it was done. */
  readonly #undo: (() => void)[] = [];
  /** What the application should hear of, once. */
  readonly #warnOnce: (text: string) => void;
  /** What is measured beside RED: made with the first instrument of the application, or when the exporters start. */
  #instruments: Instruments | undefined;
  /** Marked by all that is counted. */
  readonly #changes = new Changes();
  #clientMetrics: ClientMetrics | undefined;
  readonly #endpointPort: EndpointPort | undefined;
  #starting: Promise<void> | undefined;
  #exporting: Exporting | undefined;
  #stopped = false;

  /** @param variables those that may still change; undefined where the configuration was given in code */
  constructor(config: RedConfig, log: BufferedLog, variables: ProcessVariables | undefined) {
    this.#config = config;
    this.#log = log;
    this.#warnOnce = eachOnce((text) => log.warn(text));
    if (config.clientMetrics) this.#startClientMetrics();
    this.#measuring = this.#startMeasuring();
    const before = beforeServer(() => this.#becomeServer(variables), this.#standAside);
    const becoming = onceServer(() => {
      before.stop();
      this.#measuring.usePatterns();
      log.release();
      this.#inTheBackground(() => this.#serve());
    }, this.#standAside);
    this.#undo.push(becoming.stop, before.stop);
    if (!config.exporters.includes("prometheus")) return;
    this.#endpointPort = this.#watchPort();
    const primary = oncePrimary(() => this.#becomePrimary(before.stop), this.#standAside);
    this.#undo.push(primary.stop);
  }

  #inTheBackground(run: () => Promise<void>): void {
    void this.#outside.runInAsyncScope(() => run().catch(this.#standAside));
  }

  /** The primary of a cluster lives longest: it takes part as soon as one of its workers serves. */
  #becomePrimary(stopWaiting: () => void): void {
    const { prometheusHost, prometheusPort } = this.#config;
    if (this.#starting !== undefined || !mayHaveOthers(this.#config)) return;
    this.#inTheBackground(async () => {
      const { onceServed } = await import("./exporter/index.ts");
      if (this.#stopped) return;
      const served = onceServed(prometheusHost, prometheusPort, () => {
        if (this.#starting !== undefined) return;
        stopWaiting();
        this.#inTheBackground(() => this.#joinAsPrimary());
      });
      this.#undo.push(served.stop);
    });
  }

  get url(): string | undefined {
    return this.#endpointPort?.url;
  }

  async shutdown(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    delete (globalThis as Running)[RUNNING];
    for (const undo of this.#undo.splice(0)) {
      try {
        undo();
      } catch {
        // the rest is to be undone all the same
      }
    }
    const closed = this.#endpointPort?.close() ?? Promise.resolve();
    await (this.#exporting?.shutdown(closed) ?? closed).catch(() => {});
  }

  /** Our own code has failed: it is not asked again, and a target that is down tells more than numbers that stand still. */
  readonly #standAside = (error: unknown): void => {
    if (this.#stopped) return;
    this.#log.error(`${whyOf(error)}. Metrics are off for this process; the application goes on without them`);
    void this.shutdown();
  };

  #becomeServer(variables: ProcessVariables | undefined): void {
    if (variables !== undefined) this.#takeLate(variables);
    this.#measuring.usePatterns();
  }

  /**
   * The application may have set variables since the start, by dotenv in its first line. Nothing is counted yet, so the
   * configuration is read once more, and what was made by it is made anew.
   */
  #takeLate(processVariables: ProcessVariables): void {
    const used = this.#instruments === undefined ? [] : [OTLP_HISTOGRAM_AGGREGATION.name];
    const { variables, ignored } = processVariables.late(used);
    sayTooLate(ignored, this.#log);
    if (variables === undefined) return;
    const { warnings } = this.#config;
    this.#config = readConfig(variables);
    for (const warning of this.#config.warnings) if (!warnings.includes(warning)) this.#log.warn(warning);
    this.#clientMetrics?.use(this.#clientView());
    this.#measuring.beginAnew();
  }

  #watchPort(): EndpointPort {
    const config = () => this.#config;
    return new EndpointPort({
      get config() {
        return config();
      },
      log: this.#log,
      isOwnServer: (server) => isOwnServer(server as Server),
      onGivenUp: () => {
        if (this.#config.exporters.length === 1) void this.shutdown();
      },
      onFailure: this.#standAside,
    });
  }

  #startMeasuring(): Measuring {
    const measuring = new Measuring({
      config: () => this.#config,
      log: this.#log,
      nowMs: this.#nowMs,
      outside: this.#outside,
      changes: this.#changes,
      onOverflow: this.#onOverflow,
      onFailure: this.#standAside,
    });
    measuring.begun.catch(this.#standAside);
    this.#undo.push(() => measuring.stop());
    return measuring;
  }

  readonly #onOverflow = (): void => this.#warnOnce(tooManyPaths(this.#config.maxLabelSets));

  /** Gives the application's own instruments a provider, unless it has one. */
  provideMeters(give: (globalMeters: GlobalMeters) => void): void {
    const script = mainScript();
    if (script === undefined) return;
    const load = () => this.#instrumentsOf(loadLate<typeof import("./exporter/index.ts")>("exporter")).provider;
    const provider = lateMeterProvider(load, this.#standAside);
    try {
      const globalMeters = new GlobalMeters({ provider, mainScript: script, onFailure: this.#standAside });
      this.#undo.push(() => globalMeters.stop());
      give(globalMeters);
    } catch (error) {
      this.#standAside(error);
    }
  }

  #instrumentsOf({ Instruments }: Pick<typeof import("./exporter/index.ts"), "Instruments">): Instruments {
    this.#instruments ??= new Instruments(this.#config, this.#warnOnce, this.#changes);
    return this.#instruments;
  }

  #startClientMetrics(): void {
    try {
      const { startClientMetrics } = loadLate<typeof import("./instrumentation/client/client-metrics.ts")>("client");
      const clientMetrics = startClientMetrics({
        ...this.#clientView(),
        onFailure: this.#standAside,
        changes: this.#changes,
      });
      this.#clientMetrics = clientMetrics;
      this.#undo.push(() => clientMetrics.stop());
    } catch (error) {
      this.#log.error(
        `RED_CLIENT_METRICS=true: ${reasonOf(error)}. Outgoing requests are not measured; the rest goes on`,
      );
    }
  }

  #clientView(): ClientViewOptions {
    const { serviceName: service, durationBuckets, maxLabelSets } = this.#config;
    const onOverflow = () => this.#log.warn(tooManyHosts(maxLabelSets));
    return { service, durationBuckets, maxLabelSets, onOverflow };
  }

  /** A primary that becomes a server, too, has exported before: it opens an endpoint if it has not joined. */
  async #serve(): Promise<void> {
    this.#starting ??= this.#startExporting(false);
    await this.#starting;
    const { createEndpoint, group } = this.#exporting ?? {};
    if (createEndpoint !== undefined) await this.#endpointPort?.open(createEndpoint, group);
  }

  async #joinAsPrimary(): Promise<void> {
    this.#starting = this.#startExporting(true);
    await this.#starting;
    const { createEndpoint, group } = this.#exporting ?? {};
    if (createEndpoint !== undefined && group !== undefined) await this.#endpointPort?.joinOnly(createEndpoint, group);
  }

  /** @param isPrimary whether this is the primary of a cluster, and serves no traffic */
  async #startExporting(isPrimary: boolean): Promise<void> {
    await this.#measuring.begun;
    const { Instruments, loadPushExporters, startExporting } = await import("./exporter/index.ts");
    if (this.#stopped) return;
    const instruments = this.#instrumentsOf({ Instruments });
    if (this.#config.runtimeMetrics) await this.#measureRuntime(instruments);
    const pushExporters = await loadPushExporters(this.#config, this.#log);
    if (this.#stopped) return;
    const hasEndpoint = this.#endpointPort?.isClosed === false;
    if (!hasEndpoint && pushExporters.size === 0) return this.shutdown();
    const exporting = startExporting({
      config: this.#config,
      pushExporters,
      log: this.#log,
      takeSnapshot: () => this.#measuring.instrumentation.snapshot(),
      takeCounted: () => this.#measuring.instrumentation.counted(),
      changes: this.#changes,
      isPrimary,
      onOverflow: this.#onOverflow,
      onLost: (rank) => this.#endpointPort?.lost(rank),
      onFailure: this.#standAside,
      instruments,
      clientMetrics: this.#clientMetrics,
      nowMs: this.#nowMs,
      onWarning: this.#warnOnce,
      onServer: markOwnServer,
      onScrapeFailure: (error) => this.#log.error(`${reasonOf(error)}. Scrapes get status 500 until this is over`),
    });
    this.#exporting = exporting;
    if (hasMeterProvider())
      this.#log.info("the application has a MeterProvider of its own: its own instruments go there, not to otel-red");
  }

  /** What Node refuses to monitor is missed; it is no reason to do without the rest. */
  async #measureRuntime(instruments: Instruments): Promise<void> {
    try {
      const { startRuntimeMetrics } = await import("./runtime/index.ts");
      if (this.#stopped) return;
      const runtimeMetrics = startRuntimeMetrics(instruments.provider, instruments);
      this.#undo.push(() => runtimeMetrics.stop());
    } catch (error) {
      this.#log.error(`${reasonOf(error)}. There are no metrics of the process and its runtime; the rest goes on`);
    }
  }
}
