/**
 * The port of the endpoint: the one that is configured, unless somebody needs it more. The application comes first, and so
 * does an OpenTelemetry SDK of its own that reads the same variables.
 */
import type { Server as HttpServer } from "node:http";
import type { Server } from "node:net";
import { hasMeterProvider } from "./application/global-meters.ts";
import type { RedConfig } from "./config/red-config.ts";
import type { Exporting } from "./exporter/index.ts";
import { serverSeen } from "./instrumentation/http/server-seen.ts";
import type { Log } from "./log/log.ts";
import { type Watch, watchPorts } from "./node/listening.ts";

/** What opens and closes it. */
type Opening = Pick<Exporting, "url" | "port" | "openEndpoint">;

/** What others get to take the port that we share a variable with: their host may still be looked up. */
const HEAD_START_MS = 500;

export class EndpointPort {
  readonly #config: RedConfig;
  readonly #log: Log;
  readonly #onGivenUp: () => void;
  readonly #onFailure: (error: unknown) => void;
  #opening: Opening | undefined;
  #takenByApplication = false;
  #givenUp = false;

  /**
   * @param onGivenUp called once there will be no endpoint any more, which has been said
   * @param onFailure takes an exception out of our own code
   */
  constructor(config: RedConfig, log: Log, onGivenUp: () => void, onFailure: (error: unknown) => void) {
    this.#config = config;
    this.#log = log;
    this.#onGivenUp = onGivenUp;
    this.#onFailure = onFailure;
  }

  get isGivenUp(): boolean {
    return this.#givenUp;
  }

  /** Yields the port to whoever of the application asks for it, from now on. */
  watch(): Watch {
    return watchPorts(this.#onAsked, this.#onFailure);
  }

  async open(opening: Opening): Promise<void> {
    this.#opening = opening;
    if (hasMeterProvider()) await new Promise((resolve) => setTimeout(resolve, HEAD_START_MS));
    // the application has asked for the port meanwhile
    if (this.#givenUp) return;
    try {
      if (this.#takenByApplication && !hasMeterProvider()) this.#yield();
      else await opening.openEndpoint(this.#config.prometheusPort).catch((error) => this.#openBeside(opening, error));
    } catch (error) {
      this.#cannotListen(error as NodeJS.ErrnoException);
    }
    if (opening.url !== undefined) this.#log.info(`metrics are served on ${opening.url}`);
  }

  /** The application's own SDK has taken the port before us: ours is the next one. */
  async #openBeside(opening: Opening, error: NodeJS.ErrnoException): Promise<void> {
    if (error.code !== "EADDRINUSE" || !hasMeterProvider()) throw error;
    const port = this.#config.prometheusPort;
    await opening.openEndpoint(port + 1);
    this.#log.warn(
      `OTEL_EXPORTER_PROMETHEUS_PORT=${port} is taken, most likely by the application's own OpenTelemetry SDK, which reads ` +
        `this variable, too: the metrics of otel-red are served on ${opening.url}`,
    );
  }

  /** It may be a port that is ours by default, or has been ours until now. */
  readonly #onAsked = (port: number, server: Server): void => {
    if (port !== (this.#opening?.port || this.#config.prometheusPort)) return;
    if (serverSeen(server as HttpServer).own) return;
    // not opened yet: then it shows whose port it is
    this.#takenByApplication = true;
    if (this.#opening !== undefined) this.#yield();
  };

  #yield(): void {
    this.#giveUp(
      "the application takes this port itself; set OTEL_EXPORTER_PROMETHEUS_PORT to a free one, or to 0 for any",
    );
  }

  #cannotListen(error: NodeJS.ErrnoException): void {
    const remedy = REMEDIES[error.code ?? ""];
    if (remedy === undefined) {
      this.#onFailure(error);
      return;
    }
    // a worker inherits the flag and the port of its parent, which has it already: no fault of anybody's
    const severity = error.code === "EADDRINUSE" && isWorker() ? "info" : "error";
    this.#giveUp(`${remedy} (${error.code})`, severity);
  }

  #giveUp(why: string, severity: "error" | "info" = "error"): void {
    if (this.#givenUp) return;
    this.#givenUp = true;
    const { prometheusHost, prometheusPort, exporters } = this.#config;
    const port = this.#opening?.port || prometheusPort;
    const variables = `OTEL_EXPORTER_PROMETHEUS_HOST=${prometheusHost} OTEL_EXPORTER_PROMETHEUS_PORT=${port}`;
    const outcome =
      exporters.length > 1 ? "There is no endpoint; the other exporters go on" : "The application runs without metrics";
    this.#log[severity](`${variables}: ${why}. ${outcome}`);
    this.#onGivenUp();
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
