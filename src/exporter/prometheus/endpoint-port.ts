/**
 * Owns the endpoint and its port for as long as the process runs: watches whether the application wants the port, opens the
 * endpoint, moves it to the next port, yields, gives up, closes. Where another process of the service has the port, this one
 * joins it, and takes the port when that process ends.
 *
 * The application comes first, and so does an OpenTelemetry SDK of its own that reads the same variables.
 *
 * The preload's bundle contains this file, since it watches from the start. The exporter's bundle contains the endpoint, so
 * only types may be imported from there; `open` takes the function that creates the endpoint.
 */
import type { Server } from "node:net";
import { hasMeterProvider } from "../../application/global-meters.ts";
import type { RedConfig } from "../../config/red-config.ts";
import type { Group, Refusal } from "../../group/group.ts";
import type { Log } from "../../log/log.ts";
import { type Watch, watchPorts } from "../../node/listening.ts";
import type { Endpoint } from "./endpoint.ts";
import { endpointUrl } from "./endpoint-url.ts";
import { REMEDIES } from "./port-remedies.ts";

/** Creates an endpoint that does not listen yet, for this port (0: any). */
export type CreateEndpoint = (port: number) => Pick<Endpoint, "url" | "port" | "listen" | "close">;

/** What the process is part of, if its service may have others. */
export type JoinedGroup = Pick<Group, "serve" | "join" | "close">;

export interface EndpointPortOptions {
  readonly config: Pick<RedConfig, "prometheusHost" | "prometheusPort" | "exporters" | "processes">;
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
/** Ports that are tried where each process has a page of its own. */
const MOST_SEPARATE = 256;

/** A port that is taken is tried again after so many milliseconds: so often, and then at longer intervals. */
const QUICK_RETRIES = 30;
const QUICK_RETRY_MS = 25;
const RETRY_MS = 700;
/** After the serving process has ended, its standbys have the port to themselves for so many tries, the first one for half of them. */
const TRIES_OF_STANDBYS = 12;
/** The primary of a cluster takes the port only after a process of its service. */
const NEVER = Number.POSITIVE_INFINITY;

export class EndpointPort {
  readonly #options: EndpointPortOptions;
  readonly #watch: Watch;
  #create: CreateEndpoint | undefined;
  #endpoint: ReturnType<CreateEndpoint> | undefined;
  #group: JoinedGroup | undefined;
  /** The port at which another process of the service serves the metrics of this one. */
  #joinedPort: number | undefined;
  #retry: NodeJS.Timeout | undefined;
  /** Number of the latest run of tries: those of an older one end. */
  #run = 0;
  /** What the log has said about a port that is taken. */
  #said = "";
  /** The application asked for the port before the endpoint was opened. */
  #askedBefore = false;
  #opening = false;
  #closed = false;

  /** Watches from now on whether the application asks for the port. */
  constructor(options: EndpointPortOptions) {
    this.#options = options;
    this.#watch = watchPorts(this.#onAsked, options.onFailure);
  }

  /** Where the metrics are served, perhaps by another process; undefined while they are not. */
  get url(): string | undefined {
    if (this.#joinedPort === undefined || this.#closed) return this.#endpoint?.url;
    return endpointUrl(this.#options.config.prometheusHost, this.#joinedPort);
  }

  /** Whether there will be no endpoint any more. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** The port that the metrics are served on, else the one that is configured for them. */
  get port(): number {
    return this.#joinedPort ?? (this.#endpoint?.port || this.#options.config.prometheusPort);
  }

  /**
   * Opens the endpoint, or joins the process that has opened it, or gives up with one line in the log. Never rejects. Does
   * nothing once closed.
   */
  async open(create: CreateEndpoint, group?: JoinedGroup): Promise<void> {
    this.#opening = true;
    this.#create = create;
    this.#group = group;
    if (hasMeterProvider()) await new Promise((resolve) => setTimeout(resolve, HEAD_START_MS));
    // closed meanwhile, or the application asked for the port
    if (this.#closed) return;
    if (this.#askedBefore && !hasMeterProvider()) this.#yield();
    else if (this.url === undefined) await this.#try(++this.#run, 0, 0);
  }

  /** As `open`, for a process that is no server: it joins the one that serves, and does not say where it cannot. */
  async joinOnly(create: CreateEndpoint, group: JoinedGroup): Promise<void> {
    this.#create = create;
    this.#group = group;
    await this.#try(++this.#run, 0, NEVER);
  }

  /** The serving process has ended. @param rank of this process among its standbys, from 0; undefined if it is none */
  lost(rank: number | undefined): void {
    if (this.#joinedPort === undefined) return;
    this.#joinedPort = undefined;
    if (!this.#closed)
      void this.#try(++this.#run, 0, rank === undefined ? TRIES_OF_STANDBYS : (rank * TRIES_OF_STANDBYS) / 2);
  }

  /** Closes the endpoint for good. Its port is free as soon as this has returned its promise, which never rejects. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#watch.stop();
    clearTimeout(this.#retry);
    this.#group?.close();
    await this.#endpoint?.close();
  }

  /**
   * @param run this one
   * @param tries so far, of this run
   * @param ownTries tries from which on it may take the port itself
   */
  async #try(run: number, tries: number, ownTries: number): Promise<void> {
    clearTimeout(this.#retry);
    try {
      const refused = await this.#listenOrJoin(tries >= ownTries);
      if (this.#closed || this.url !== undefined || run !== this.#run) return;
      if (ownTries === NEVER && refused?.isSaid) return;
      if (ownTries !== NEVER && (refused?.isSaid || tries >= QUICK_RETRIES))
        this.#say(refused?.refused ?? `${REMEDIES.EADDRINUSE} (EADDRINUSE)`);
      // not all processes at the same moment
      const delayMs = (tries < QUICK_RETRIES ? QUICK_RETRY_MS : RETRY_MS) * (0.75 + Math.random() / 2);
      this.#retry = setTimeout(() => void this.#try(run, tries + 1, ownTries), delayMs).unref();
    } catch (error) {
      this.#cannotListen(error as NodeJS.ErrnoException);
    }
  }

  /** @returns why this process is refused by the one that serves, if it is */
  async #listenOrJoin(mayListen: boolean): Promise<Refusal | undefined> {
    let refused: Refusal | undefined;
    for (const port of this.#ports()) {
      if (this.#closed) return undefined;
      if (mayListen && (await this.#listenAt(port))) return undefined;
      const outcome = await this.#group?.join(port);
      if (this.#closed) this.#group?.close();
      if (outcome === "joined") this.#join(port);
      if (outcome === "joined" || this.#closed) return undefined;
      if (typeof outcome === "object") refused = outcome;
    }
    return refused;
  }

  /** In the order in which they are tried. */
  #ports(): number[] {
    const { prometheusPort: port, processes } = this.#options.config;
    if (port === 0) return [port];
    const most = processes === "separate" ? MOST_SEPARATE : hasMeterProvider() ? 2 : 1;
    return Array.from({ length: most }, (_, index) => port + index).filter((each) => each < 2 ** 16);
  }

  /** @returns whether the endpoint listens, or does not need to any more. @throws where the port cannot be had at all */
  async #listenAt(port: number): Promise<boolean> {
    const endpoint = this.#create?.(port);
    this.#endpoint = endpoint;
    try {
      await endpoint?.listen();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return false;
      throw error;
    }
    if (this.#closed) return true;
    this.#group?.serve(port);
    this.#sayWhere(port);
    return true;
  }

  #join(port: number): void {
    this.#joinedPort = port;
    this.#said = "";
    this.#options.log.info(`the metrics of this process are served on ${this.url}, along with those of others`);
  }

  #sayWhere(port: number): void {
    const { log, config } = this.#options;
    this.#said = "";
    if (config.processes === "merge" && port === config.prometheusPort + 1 && config.prometheusPort > 0)
      log.warn(
        `OTEL_EXPORTER_PROMETHEUS_PORT=${port - 1} is taken, most likely by the application's own OpenTelemetry SDK, which reads ` +
          `this variable, too: the metrics of otel-red are served on ${this.url}`,
      );
    log.info(`metrics are served on ${this.url}`);
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
    if (remedy === undefined) this.#options.onFailure(error);
    else this.#giveUp(`${remedy} (${error.code})`);
  }

  /** Once for each reason, until the port has been had. */
  #say(why: string): void {
    if (this.#said === why) return;
    this.#said = why;
    const { log, config } = this.#options;
    const outcome =
      config.exporters.length > 1
        ? "There is no endpoint until it is free; the other exporters go on"
        : "There are no metrics of this process until it is free";
    log.error(`${this.#variables}: ${why}. ${outcome}`);
  }

  #giveUp(why: string): void {
    if (this.#closed) return;
    const { config, log, onGivenUp } = this.#options;
    const variables = this.#variables;
    const outcome =
      config.exporters.length > 1
        ? "There is no endpoint; the other exporters go on"
        : "The application runs without metrics";
    void this.close();
    log.error(`${variables}: ${why}. ${outcome}`);
    onGivenUp();
  }

  get #variables(): string {
    const { prometheusHost } = this.#options.config;
    return `OTEL_EXPORTER_PROMETHEUS_HOST=${prometheusHost} OTEL_EXPORTER_PROMETHEUS_PORT=${this.port}`;
  }
}
