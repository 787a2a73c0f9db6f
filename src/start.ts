/**
 * Wires the pipeline in order, instrumentation → view → exporter, and owns every lifetime.
 */
import { AsyncResource } from "node:async_hooks";
import type { Server as HttpServer } from "node:http";
import type { Server } from "node:net";
import { createNoopMeter, type MeterProvider } from "@opentelemetry/api";
import type { LogLevel } from "./config/otel-variables.ts";
import { ConfigError, type RedConfig, readConfig, readLogLevel } from "./config.ts";
import type { Exporting, Instruments } from "./exporter/index.ts";
import { GlobalMeters } from "./global-meters.ts";
import type { ClientMetrics } from "./instrumentation/client.ts";
import { ExcludedPaths } from "./instrumentation/excluded-paths.ts";
import { Exemplars } from "./instrumentation/exemplars.ts";
import { markOwnServer, serverSeen } from "./instrumentation/in-flight.ts";
import { LightInstrumentation, type MeasuredRequests, type RedInstrumentation } from "./instrumentation/light.ts";
import { observeExpress } from "./instrumentation/routes/express.ts";
import { ExpressTemplates } from "./instrumentation/routes/express-templates.ts";
import { observeFastify } from "./instrumentation/routes/fastify.ts";
import { observeFrameworks } from "./instrumentation/routes/frameworks.ts";
import { createNormalizer } from "./instrumentation/routes/normalizer.ts";
import { PathLabels } from "./instrumentation/routes/path-labels.ts";
import { ServerRequests } from "./instrumentation/server-requests.ts";
import { loadClientMetrics, loadExporters } from "./late.ts";
import { onceServer, watchPorts } from "./listening.ts";
import { createLog, eachOnce, HeldLog, type Log, reasonOf } from "./log.ts";
import { LabelSets } from "./view/label-sets.ts";
import { redView } from "./view/red.ts";

export interface StartRedOptions {
  /**
   * The variables of the README's table. Default: `process.env`, where OpenTelemetry's exporters read
   * `OTEL_EXPORTER_OTLP_*` in any case.
   */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export interface RedHandle {
  /** Where the metrics are served: `http://localhost:9464/metrics`. Undefined until a server of the application listens. */
  readonly url: string | undefined;
  /** Stops measuring and closes the endpoint; the application goes on. Never rejects. */
  shutdown(): Promise<void>;
}

/** One otel-red for each process, or worker thread, however often and in whatever copies it is loaded. */
const RUNNING = Symbol.for("otel-red.running");
type Running = { [RUNNING]?: RedHandle | undefined };

/**
 * Starts measuring the HTTP servers of this process; the second call in a process returns the first one's handle.
 *
 * The endpoint opens when a server of the application listens. Where something fails after that, one line on stderr
 * says so and the application goes on without metrics.
 *
 * @throws ConfigError where a `RED_*` variable has a value that is not accepted
 */
export function startRed(options: StartRedOptions = {}): RedHandle {
  return start(options, (globalMeters) => globalMeters.registerNow());
}

function start(options: StartRedOptions, register: (globalMeters: GlobalMeters) => void): RedHandle {
  const running = (globalThis as Running)[RUNNING];
  if (running !== undefined) return running;
  const config = readConfig(options.environment);
  if (config.disabled || config.exporters.includes("none")) return NOTHING;
  const red = new Red(config, quietUntilServer(config.logLevel));
  Object.defineProperty(globalThis, RUNNING, { value: red, configurable: true, enumerable: false });
  red.provideMeters(register);
  return red;
}

/** The preload: as `startRed`, but nothing is thrown at the application. */
export function preload(): void {
  try {
    start({}, (globalMeters) => globalMeters.registerInTime());
  } catch (error) {
    const reason = error instanceof ConfigError ? error.message : reasonOf(error);
    quietUntilServer(readLogLevel()).error(`${reason}. ${WITHOUT_METRICS}`);
  }
}

/** `NODE_OPTIONS` reaches npm, test runners and scripts, too: they need not hear what is wrong with our configuration. */
function quietUntilServer(level: LogLevel): HeldLog {
  // also where it cannot be told whether this is a server: it may well be one
  const log = new HeldLog(createLog(level), () => void onceServer(release, release));
  const release = () => log.release();
  return log;
}

const NOTHING: RedHandle = { url: undefined, shutdown: async () => {} };

class Red implements RedHandle {
  readonly #config: RedConfig;
  readonly #log: Log;
  readonly #instrumentation: Promise<RedInstrumentation>;
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
  /** The application has a meter provider of its own, and so perhaps exporters that read the same variables. */
  #hasForeignMeters = false;
  #clientMetrics: ClientMetrics | undefined;
  #exporting: Exporting | undefined;
  #portTakenByApplication = false;
  #endpointGivenUp = false;
  #stopped = false;

  constructor(config: RedConfig, log: HeldLog) {
    this.#config = config;
    this.#log = log;
    this.#warnOnce = eachOnce((text) => log.warn(text));
    for (const warning of config.warnings) log.warn(warning);
    if (config.clientMetrics) this.#startClientMetrics();
    this.#instrumentation = this.#startInstrumentation();
    this.#instrumentation.catch(this.#standAside);
    const becoming = onceServer(() => {
      log.release();
      void this.#outside.runInAsyncScope(() => this.#export().catch(this.#standAside));
    }, this.#standAside);
    this.#undo.push(becoming.stop);
    if (config.exporters.includes("prometheus")) this.#undo.push(watchPorts(this.#yieldPort, this.#standAside).stop);
  }

  get url(): string | undefined {
    return this.#exporting?.url;
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
    await this.#exporting?.shutdown().catch(() => {});
  }

  /** Our own code has failed: it is not asked again, and a target that is down tells more than numbers that stand still. */
  readonly #standAside = (error: unknown): void => {
    if (this.#stopped) return;
    this.#log.error(`${reasonOf(error)}. Metrics are off for this process; the application goes on without them`);
    void this.shutdown();
  };

  async #startInstrumentation(): Promise<RedInstrumentation> {
    const config = this.#config;
    const view = redView({ ...config, service: config.serviceName });
    const labelSets = new LabelSets(config.maxLabelSets, view.attributesProcessors[0], () =>
      this.#log.warn(
        `RED_MAX_LABEL_SETS=${config.maxLabelSets} is reached: further paths are shown as path="other". ` +
          "If they are real routes raise it, if they carry identifiers give their pattern in RED_PATH_PATTERNS",
      ),
    );
    const expressTemplates = new ExpressTemplates(labelSets);
    const observe = (requests: object) => {
      this.#undo.push(observeExpress(requests, expressTemplates, this.#standAside).remove);
    };
    const options: MeasuredRequests = {
      labelSets,
      pathLabels: new PathLabels(labelSets, expressTemplates, createNormalizer(config.pathPatterns)),
      excludedPaths: new ExcludedPaths(config.excludePaths),
      exemplars: new Exemplars(config.durationBuckets, config.exemplarFilter),
      now: this.#nowMs,
      onFirstRequest: () => observe(process.getBuiltinModule("node:http").IncomingMessage.prototype),
      onFirstSession: () => observe(process.getBuiltinModule("node:http2").Http2ServerRequest.prototype),
      onFailure: this.#standAside,
    };
    this.#undo.push(observeFastify(labelSets, this.#standAside).remove);
    const onUnknown = (message: string) => this.#log.info(message);
    this.#undo.push(observeFrameworks({ labelSets, onUnknown, onFailure: this.#standAside }).remove);
    const instrumentation =
      config.instrumentation === "light"
        ? new LightInstrumentation(view, options)
        : new (await import("./instrumentation/stock.ts")).StockInstrumentation(view, options, ServerRequests);
    if (!this.#stopped) {
      instrumentation.enable();
      this.#undo.push(() => instrumentation.disable());
    }
    return instrumentation;
  }

  /** Gives the application's own instruments a provider, unless it has one. */
  provideMeters(register: (globalMeters: GlobalMeters) => void): void {
    const mainScript = process.argv[1];
    if (!mainScript) return;
    const provider: MeterProvider = {
      getMeter: (name, version, options) => {
        try {
          return this.#instrumentsOf(loadExporters()).provider.getMeter(name, version, options);
        } catch (error) {
          this.#standAside(error);
          return createNoopMeter();
        }
      },
    };
    try {
      const globalMeters = new GlobalMeters({
        provider,
        mainScript,
        onForeign: this.#onForeignMeters,
        onFailure: this.#standAside,
      });
      this.#undo.push(() => globalMeters.stop());
      register(globalMeters);
    } catch (error) {
      this.#standAside(error);
    }
  }

  readonly #onForeignMeters = (): void => {
    this.#hasForeignMeters = true;
    this.#log.info("the application has a MeterProvider of its own: its own instruments go there, not to otel-red");
  };

  #instrumentsOf({ Instruments }: Pick<typeof import("./exporter/index.ts"), "Instruments">): Instruments {
    this.#instruments ??= new Instruments(this.#config, this.#warnOnce);
    return this.#instruments;
  }

  #startClientMetrics(): void {
    const { serviceName: service, durationBuckets, maxLabelSets } = this.#config;
    try {
      const clientMetrics = loadClientMetrics().startClientMetrics({
        service,
        durationBuckets,
        maxLabelSets,
        onOverflow: () =>
          this.#log.warn(
            `RED_MAX_LABEL_SETS=${maxLabelSets} is reached: outgoing requests to further hosts are shown as host="other"`,
          ),
        onFailure: this.#standAside,
      });
      this.#clientMetrics = clientMetrics;
      this.#undo.push(() => clientMetrics.stop());
    } catch (error) {
      this.#log.error(
        `RED_CLIENT_METRICS=true: ${reasonOf(error)}. Outgoing requests are not measured; the rest goes on`,
      );
    }
  }

  async #export(): Promise<void> {
    const instrumentation = await this.#instrumentation;
    const { Instruments, loadPushExporters, startExporting } = await import("./exporter/index.ts");
    if (this.#stopped) return;
    const instruments = this.#instrumentsOf({ Instruments });
    if (this.#config.runtimeMetrics) await this.#measureRuntime(instruments.provider);
    const pushExporters = await loadPushExporters(this.#config, this.#log);
    if (this.#stopped) return;
    const scraped = this.#config.exporters.includes("prometheus") && !this.#endpointGivenUp;
    if (!scraped && pushExporters.size === 0) return this.shutdown();
    const exporting = startExporting({
      config: this.#config,
      scraped,
      pushExporters,
      log: this.#log,
      takeSnapshot: () => instrumentation.snapshot(),
      instruments,
      clientMetrics: this.#clientMetrics,
      nowMs: this.#nowMs,
      onWarning: this.#warnOnce,
      onServer: markOwnServer,
      onScrapeFailure: (error) => this.#log.error(`${reasonOf(error)}. Scrapes get status 500 until this is over`),
    });
    this.#exporting = exporting;
    await this.#openEndpoint(exporting);
  }

  /** What Node refuses to monitor is missed; it is no reason to do without the rest. */
  async #measureRuntime(provider: MeterProvider): Promise<void> {
    try {
      const { startRuntimeMetrics } = await import("./runtime/index.ts");
      if (this.#stopped) return;
      const runtimeMetrics = startRuntimeMetrics(provider);
      this.#undo.push(() => runtimeMetrics.stop());
    } catch (error) {
      this.#log.error(`${reasonOf(error)}. There are no metrics of the process and its runtime; the rest goes on`);
    }
  }

  async #openEndpoint(exporting: Exporting): Promise<void> {
    try {
      if (this.#portTakenByApplication && !this.#hasForeignMeters) this.#yieldTakenPort();
      else
        await exporting.openEndpoint(this.#config.prometheusPort).catch((error) => this.#openBeside(exporting, error));
    } catch (error) {
      this.#cannotListen(error as NodeJS.ErrnoException);
    }
    if (exporting.url !== undefined) this.#log.info(`metrics are served on ${exporting.url}`);
  }

  /** An OpenTelemetry SDK of the application's reads the same variables, and so has taken the same port before us. */
  async #openBeside(exporting: Exporting, error: NodeJS.ErrnoException): Promise<void> {
    if (error.code !== "EADDRINUSE" || !this.#hasForeignMeters) throw error;
    const port = this.#config.prometheusPort;
    await exporting.openEndpoint(port + 1);
    this.#log.warn(
      `OTEL_EXPORTER_PROMETHEUS_PORT=${port} is taken, most likely by the application's own OpenTelemetry SDK, which reads ` +
        `this variable, too: the metrics of otel-red are served on ${exporting.url}`,
    );
  }

  /** The application comes first: it may have a port that is ours by default, or has been ours until now. */
  readonly #yieldPort = (port: number, server: Server): void => {
    if (port !== (this.#exporting?.port || this.#config.prometheusPort)) return;
    if (serverSeen(server as HttpServer).own) return;
    // not opened yet: then it shows whose port it is
    this.#portTakenByApplication = true;
    if (this.#exporting !== undefined) this.#yieldTakenPort();
  };

  #yieldTakenPort(): void {
    this.#giveUpEndpoint(
      "the application takes this port itself; set OTEL_EXPORTER_PROMETHEUS_PORT to a free one, or to 0 for any",
    );
  }

  #cannotListen(error: NodeJS.ErrnoException): void {
    const remedy = REMEDIES[error.code ?? ""];
    if (remedy === undefined) {
      this.#standAside(error);
      return;
    }
    // a worker inherits the flag and the port of its parent, which has it already: no fault of anybody's
    const severity = error.code === "EADDRINUSE" && isWorker() ? "info" : "error";
    this.#giveUpEndpoint(`${remedy} (${error.code})`, severity);
  }

  #giveUpEndpoint(why: string, severity: "error" | "info" = "error"): void {
    if (this.#stopped || this.#endpointGivenUp) return;
    this.#endpointGivenUp = true;
    const { prometheusHost, prometheusPort, exporters } = this.#config;
    const port = this.#exporting?.port || prometheusPort;
    const variables = `OTEL_EXPORTER_PROMETHEUS_HOST=${prometheusHost} OTEL_EXPORTER_PROMETHEUS_PORT=${port}`;
    const goesOn = exporters.length > 1;
    const outcome = goesOn ? "There is no endpoint; the other exporters go on" : WITHOUT_METRICS;
    this.#log[severity](`${variables}: ${why}. ${outcome}`);
    if (goesOn) void this.#exporting?.closeEndpoint();
    else void this.shutdown();
  }
}

const WITHOUT_METRICS = "The application runs without metrics";

/** What keeps the endpoint from opening, by the system's code, and what to do about it. */
const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port is taken; set OTEL_EXPORTER_PROMETHEUS_PORT to a free one, or to 0 for any",
  EACCES: "the port may not be opened by this user; set OTEL_EXPORTER_PROMETHEUS_PORT to one from 1024 on",
  EADDRNOTAVAIL:
    "the host is no address of this machine; set OTEL_EXPORTER_PROMETHEUS_HOST to one, or to 0.0.0.0 for all",
  EAFNOSUPPORT:
    "the machine has no such kind of address; set OTEL_EXPORTER_PROMETHEUS_HOST to one that it has, or to 0.0.0.0 for all",
  ENOTFOUND:
    "the host is not known; set OTEL_EXPORTER_PROMETHEUS_HOST to an address of this machine, or to 0.0.0.0 for all",
  EAI_AGAIN:
    "the host cannot be looked up; set OTEL_EXPORTER_PROMETHEUS_HOST to an address of this machine, or to 0.0.0.0 for all",
  EINVAL: "the host is no address of this machine; set OTEL_EXPORTER_PROMETHEUS_HOST to one, or to 0.0.0.0 for all",
};

/** A worker thread, a worker of a cluster, or another child that its parent talks to. */
function isWorker(): boolean {
  return !process.getBuiltinModule("node:worker_threads").isMainThread || process.send !== undefined;
}
