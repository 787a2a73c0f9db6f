/**
 * Owns the endpoint and its port for as long as the process runs: watches whether the application wants the port, opens the
 * endpoint, moves it to the next port, yields, gives up, closes.
 *
 * The application comes first, and so does an OpenTelemetry SDK of its own that reads the same variables.
 *
 * The preload's bundle contains this file, since it watches from the start. The exporter's bundle contains the endpoint, so
 * only types may be imported from there; `open` takes the function that creates the endpoint.
 */
import type { Server } from "node:net";
import { hasMeterProvider } from "../../application/global-meters.ts";
import type { RedConfig } from "../../config/red-config.ts";
import type { Log } from "../../log/log.ts";
import { type Watch, watchPorts } from "../../node/listening.ts";
import type { Endpoint } from "./endpoint.ts";

/** Creates an endpoint that does not listen yet, for this port (0: any). */
export type CreateEndpoint = (port: number) => Pick<Endpoint, "url" | "port" | "listen" | "close">;

export interface EndpointPortOptions {
  readonly config: Pick<RedConfig, "prometheusHost" | "prometheusPort" | "exporters">;
  readonly log: Log;
  /** Whether the server is one of otel-red's own. */
  readonly isOwnServer: (server: Server) => boolean;
  /** Called once if the endpoint gives up its port, after it has logged why. Not called by `close`. */
  readonly onGivenUp: () => void;
  /** Takes an exception out of our own code. */
  readonly onFailure: (error: unknown) => void;
}

/** How long the application's own SDK may take to bind the port: it may still be looking up its host. */
const HEAD_START_MS = 500;

export class EndpointPort {
  readonly #options: EndpointPortOptions;
  readonly #watch: Watch;
  #endpoint: ReturnType<CreateEndpoint> | undefined;
  /** The application asked for the port before the endpoint was opened. */
  #askedBefore = false;
  #opening = false;
  #closed = false;

  /** Watches from now on whether the application asks for the port. */
  constructor(options: EndpointPortOptions) {
    this.#options = options;
    this.#watch = watchPorts(this.#onAsked, options.onFailure);
  }

  /** Where the metrics are served; undefined while the endpoint does not listen. */
  get url(): string | undefined {
    return this.#endpoint?.url;
  }

  /** Whether there will be no endpoint any more. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** The port that the endpoint listens on, else the one that it is configured for. */
  get port(): number {
    return this.#endpoint?.port || this.#options.config.prometheusPort;
  }

  /** Opens the endpoint, or gives up with one line in the log. Never rejects. Does nothing once closed. */
  async open(create: CreateEndpoint): Promise<void> {
    this.#opening = true;
    if (hasMeterProvider()) await new Promise((resolve) => setTimeout(resolve, HEAD_START_MS));
    // closed meanwhile, or the application asked for the port
    if (this.#closed) return;
    try {
      if (this.#askedBefore && !hasMeterProvider()) this.#yield();
      else await this.#listen(create);
    } catch (error) {
      this.#cannotListen(error as NodeJS.ErrnoException);
    }
    if (this.url !== undefined) this.#options.log.info(`metrics are served on ${this.url}`);
  }

  /** Closes the endpoint for good. Its port is free as soon as this has returned its promise, which never rejects. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#watch.stop();
    await this.#endpoint?.close();
  }

  async #listen(create: CreateEndpoint): Promise<void> {
    const { prometheusPort } = this.#options.config;
    try {
      await this.#listenAt(prometheusPort, create);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE" || !hasMeterProvider()) throw error;
      await this.#listenBesideSdk(prometheusPort + 1, create);
    }
  }

  async #listenAt(port: number, create: CreateEndpoint): Promise<void> {
    if (this.#closed) return;
    this.#endpoint = create(port);
    await this.#endpoint.listen();
  }

  /** The application's own SDK has bound the configured port before us. */
  async #listenBesideSdk(port: number, create: CreateEndpoint): Promise<void> {
    await this.#listenAt(port, create);
    if (this.#closed) return;
    this.#options.log.warn(
      `OTEL_EXPORTER_PROMETHEUS_PORT=${port - 1} is taken, most likely by the application's own OpenTelemetry SDK, which reads ` +
        `this variable, too: the metrics of otel-red are served on ${this.url}`,
    );
  }

  /** A server of the application is about to bind a port. */
  readonly #onAsked = (port: number, server: Server): void => {
    if (port !== this.port || this.#options.isOwnServer(server)) return;
    // before the endpoint is opened, the port may be asked for by the application's SDK, which is known only later
    if (this.#opening) this.#yield();
    else this.#askedBefore = true;
  };

  #yield(): void {
    this.#giveUp(
      "the application takes this port itself; set OTEL_EXPORTER_PROMETHEUS_PORT to a free one, or to 0 for any",
    );
  }

  #cannotListen(error: NodeJS.ErrnoException): void {
    const remedy = REMEDIES[error.code ?? ""];
    if (remedy === undefined) {
      this.#options.onFailure(error);
      return;
    }
    // a worker inherits the port of its parent, which serves it already: that is nobody's fault
    const severity = error.code === "EADDRINUSE" && isWorker() ? "info" : "error";
    this.#giveUp(`${remedy} (${error.code})`, severity);
  }

  #giveUp(why: string, severity: "error" | "info" = "error"): void {
    if (this.#closed) return;
    const { config, log, onGivenUp } = this.#options;
    const variables = `OTEL_EXPORTER_PROMETHEUS_HOST=${config.prometheusHost} OTEL_EXPORTER_PROMETHEUS_PORT=${this.port}`;
    const outcome =
      config.exporters.length > 1
        ? "There is no endpoint; the other exporters go on"
        : "The application runs without metrics";
    void this.close();
    log[severity](`${variables}: ${why}. ${outcome}`);
    onGivenUp();
  }
}

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
