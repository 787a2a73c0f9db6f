/**
 * All requests to the servers of the process, whatever their protocol: HTTP/1 and HTTP/2, upgrades, and those that the
 * parser rejects.
 */
import type { EventEmitter } from "node:events";
import type { Server as HttpServer } from "node:http";
import type { Server, Socket } from "node:net";
import { ListeningServers } from "../../node/listening-servers.ts";
import { mirrorListeners } from "../../node/mirrored-listeners.ts";
import { connectionEvent, isHttp1Server, isHttp2Server } from "../../node/server-kinds.ts";
import type { Operation } from "../../view/label-sets.ts";
import type { RequestsInFlight } from "../../view/snapshot.ts";
import { Http1ServerRequests, type Http1ServerRequestsOptions } from "./http1-server-requests.ts";
import { Http2ServerRequests, type Http2ServerRequestsOptions } from "./http2-server-requests.ts";
import { ParserErrors } from "./parser-errors.ts";
import { isOwnServer } from "./server-seen.ts";
import { Upgrades } from "./upgrades.ts";

type Listener = (...args: never[]) => void;

export type ServerRequestsOptions = Omit<Http1ServerRequestsOptions, "onIdleClose"> & Http2ServerRequestsOptions;

export class ServerRequests implements RequestsInFlight {
  readonly #http: Http1ServerRequests;
  readonly #http2: Http2ServerRequests;
  readonly #servers: ListeningServers;
  readonly #onFailure: (error: unknown) => void;
  /** Events for which Node cares whether anybody listens. */
  readonly #mirrored: ReadonlyMap<string, Listener>;

  constructor(options: ServerRequestsOptions) {
    const { onFailure } = options;
    const rejected = new ParserErrors(options.labelSets.parserErrors, onFailure);
    this.#onFailure = onFailure;
    this.#http = new Http1ServerRequests({ ...options, onIdleClose: (connection) => rejected.onIdleClose(connection) });
    this.#http2 = new Http2ServerRequests(options);
    this.#mirrored = new Map<string, Listener>([
      ...new Upgrades(this.#http, onFailure).listeners,
      ...rejected.listeners,
    ]);
    this.#servers = new ListeningServers((server) => this.#observe(server), onFailure);
  }

  get excluded(): number {
    return this.#http.excluded + this.#http2.excluded;
  }

  enable(): void {
    this.#http.enable();
    this.#http2.enable();
    this.#servers.enable();
  }

  disable(): void {
    this.#servers.disable();
    this.#http2.disable();
    this.#http.disable();
  }

  forEachOperation(visit: (operation: Operation) => void): void {
    this.#http.forEachOperation(visit);
    this.#http2.forEachOperation(visit);
  }

  #observe(server: Server): () => void {
    const isHttp2 = isHttp2Server(server);
    if ((!isHttp2 && !isHttp1Server(server)) || isOwnServer(server as HttpServer)) return () => {};
    const event = connectionEvent(server);
    const undo: (() => void)[] = [];
    if (isHttp2) undo.push(listen(server, this.#http2.listeners));
    // HTTP/1: a server of HTTP/2 speaks it too, over TLS and where it is allowed
    if (!isHttp2 || event === "secureConnection") {
      undo.push(listen(server, new Map([[event, (socket: Socket) => this.#accept(server as HttpServer, socket)]])));
      undo.push(mirrorListeners(server, this.#mirrored, this.#onFailure));
    }
    return () => {
      for (const each of undo) each();
    };
  }

  #accept(server: HttpServer, socket: Socket & { readonly alpnProtocol?: string | false }): void {
    try {
      if (socket.alpnProtocol !== "h2") this.#http.accept(socket, server);
    } catch (error) {
      this.#onFailure(error);
    }
  }
}

function listen(emitter: EventEmitter, listeners: ReadonlyMap<string, Listener>): () => void {
  for (const [event, listener] of listeners) emitter.on(event, listener as (...args: unknown[]) => void);
  return () => {
    for (const [event, listener] of listeners) emitter.removeListener(event, listener as (...args: unknown[]) => void);
  };
}
