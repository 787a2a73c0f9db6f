/**
 * Wires the pipeline in order, instrumentation → view → exporter, and owns every lifetime.
 */
import { createRequire } from "node:module";
import { isMainThread } from "node:worker_threads";
import { type RedConfig, readConfig } from "./config.ts";
import type { Exporting } from "./exporter/index.ts";
import { ExcludedPaths } from "./instrumentation/excluded-paths.ts";
import { markOwnServer, serverSeen } from "./instrumentation/in-flight.ts";
import { LightInstrumentation, type MeasuredRequests, type RedInstrumentation } from "./instrumentation/light.ts";
import { observeExpress } from "./instrumentation/routes/express.ts";
import { ExpressTemplates } from "./instrumentation/routes/express-templates.ts";
import { observeFastify } from "./instrumentation/routes/fastify.ts";
import { createNormalizer } from "./instrumentation/routes/normalizer.ts";
import { PathLabels } from "./instrumentation/routes/path-labels.ts";
import { watchListening } from "./listening.ts";
import { createLog, type Log, reasonOf } from "./log.ts";
import { LabelSets } from "./view/label-sets.ts";
import { redView } from "./view/red.ts";

export interface StartRedOptions {
  /** The variables of the README's table. Default: `process.env`. */
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
  const running = (globalThis as Running)[RUNNING];
  if (running !== undefined) return running;
  const config = readConfig(options.environment);
  const measures = !config.disabled && !config.exporters.includes("none");
  const red = measures ? new Red(config, createLog(config.logLevel)) : NOTHING;
  Object.defineProperty(globalThis, RUNNING, { value: red, configurable: true, enumerable: false });
  return red;
}

/** The preload: as `startRed`, but nothing is thrown at the application. */
export function preload(): void {
  try {
    startRed();
  } catch (error) {
    createLog("error").error(`${reasonOf(error)}. The application runs without metrics`);
  }
}

const NOTHING: RedHandle = { url: undefined, shutdown: async () => {} };

class Red implements RedHandle {
  readonly #config: RedConfig;
  readonly #log: Log;
  readonly #instrumentation: Promise<RedInstrumentation>;
  /** What undoes what was done, in the order in which it was done. */
  readonly #undo: (() => void)[] = [];
  #exporting: Promise<Exporting | undefined> | undefined;
  #url: string | undefined;
  #stopped = false;

  constructor(config: RedConfig, log: Log) {
    this.#config = config;
    this.#log = log;
    for (const warning of config.warnings) log.warn(warning);
    this.#instrumentation = this.#startInstrumentation();
    this.#instrumentation.catch(this.#standAside);
    const listening = watchListening((server) => {
      if (!serverSeen(server as never).own) this.#startExporting();
    }, this.#standAside);
    this.#undo.push(listening.stop);
  }

  get url(): string | undefined {
    return this.#url;
  }

  async shutdown(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const undo of this.#undo.splice(0)) undo();
    this.#url = undefined;
    delete (globalThis as Running)[RUNNING];
    await this.#exporting?.then((exporting) => exporting?.shutdown()).catch(() => {});
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
    const options: MeasuredRequests = {
      labelSets,
      pathLabels: new PathLabels(labelSets, expressTemplates, createNormalizer(config.pathPatterns)),
      excludedPaths: new ExcludedPaths(config.excludePaths),
      now: () => performance.now(),
      onFirstRequest: () => {
        this.#startExporting();
        const { IncomingMessage } = requireBuiltin("node:http") as typeof import("node:http");
        this.#undo.push(observeExpress(IncomingMessage.prototype, expressTemplates, this.#standAside).remove);
      },
      onFailure: this.#standAside,
    };
    this.#undo.push(observeFastify(labelSets, this.#standAside).remove);
    const instrumentation =
      config.instrumentation === "light"
        ? new LightInstrumentation(view, options)
        : new (await import("./instrumentation/stock.ts")).StockInstrumentation(view, options);
    if (!this.#stopped) instrumentation.enable();
    this.#undo.push(() => instrumentation.disable());
    return instrumentation;
  }

  #startExporting(): void {
    if (this.#stopped) return;
    this.#exporting ??= this.#export().catch((error) => {
      this.#cannotExport(error);
      return undefined;
    });
  }

  async #export(): Promise<Exporting> {
    const instrumentation = await this.#instrumentation;
    const { startExporting } = await import("./exporter/index.ts");
    const exporting = await startExporting({
      config: this.#config,
      takeSnapshot: () => instrumentation.snapshot(),
      onServer: markOwnServer,
      onScrapeFailure: (error) => this.#log.error(`a scrape has failed: ${reasonOf(error)}`),
    });
    this.#url = exporting.url;
    if (exporting.url !== undefined) this.#log.info(`metrics are served on ${exporting.url}`);
    return exporting;
  }

  #cannotExport(error: NodeJS.ErrnoException): void {
    const { prometheusHost: host, prometheusPort: port } = this.#config;
    const remedy = REMEDIES[error.code ?? ""];
    if (remedy === undefined) {
      this.#standAside(error);
      return;
    }
    const message = `OTEL_EXPORTER_PROMETHEUS_HOST=${host} OTEL_EXPORTER_PROMETHEUS_PORT=${port}: ${remedy} (${error.code})`;
    // a worker inherits the flag and the port of its parent, which has it already: no fault of anybody's
    if (error.code === "EADDRINUSE" && isWorker()) this.#log.info(message);
    else this.#log.error(`${message}. The application runs without metrics`);
    void this.shutdown();
  }
}

/** What keeps the endpoint from opening, by the system's code, and what to do about it. */
const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port is taken; set OTEL_EXPORTER_PROMETHEUS_PORT to a free one, or to 0 for any",
  EACCES: "the port may not be opened by this user; set OTEL_EXPORTER_PROMETHEUS_PORT to one from 1024 on",
  EADDRNOTAVAIL:
    "the host is no address of this machine; set OTEL_EXPORTER_PROMETHEUS_HOST to one, or to 0.0.0.0 for all",
  ENOTFOUND:
    "the host is not known; set OTEL_EXPORTER_PROMETHEUS_HOST to an address of this machine, or to 0.0.0.0 for all",
  EAI_AGAIN:
    "the host cannot be looked up; set OTEL_EXPORTER_PROMETHEUS_HOST to an address of this machine, or to 0.0.0.0 for all",
  EINVAL: "the host is no address of this machine; set OTEL_EXPORTER_PROMETHEUS_HOST to one, or to 0.0.0.0 for all",
};

/** A worker thread, a worker of a cluster, or another child that its parent talks to. */
function isWorker(): boolean {
  return !isMainThread || process.send !== undefined;
}

const requireBuiltin = createRequire(import.meta.url);
