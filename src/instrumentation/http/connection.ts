/**
 * Requests in flight, kept with their connection: an ending is looked for among the one or few requests of a
 * connection, never among all of them.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { bytesHandedOver } from "./outcome.ts";
import { RequestInFlight } from "./request-in-flight.ts";
import type { ServerSeen } from "./server-seen.ts";

export class Connection {
  readonly socket: Socket;
  readonly server: ServerSeen;
  /** In order of arrival; more than one only where the client pipelines. */
  readonly inFlight: RequestInFlight[] = [];
  /** Bytes that the socket had handed over before the response whose turn it is. */
  bytesBefore: number;
  #spare: RequestInFlight | undefined;

  constructor(socket: Socket, server: ServerSeen) {
    this.socket = socket;
    this.server = server;
    this.bytesBefore = bytesHandedOver(socket);
  }

  /** Hot path (per request). */
  begin(request: IncomingMessage, response: ServerResponse, methodIndex: number, nowMs: number): RequestInFlight {
    const started = this.#spare ?? new RequestInFlight();
    this.#spare = undefined;
    started.start(request, response, methodIndex, nowMs);
    latest = started;
    this.inFlight.push(started);
    return started;
  }

  /** Hot path (per request). `undefined` for a request that is not followed: excluded, or older than we are. */
  find(request: IncomingMessage): RequestInFlight | undefined {
    const { inFlight } = this;
    for (let i = 0; i < inFlight.length; i++) {
      if ((inFlight[i] as RequestInFlight).request === request) return inFlight[i];
    }
    return undefined;
  }

  /** Hot path (per request). Once only: a request that was taken out is not found again. */
  end(ended: RequestInFlight): void {
    const { inFlight } = this;
    if (inFlight.length === 1 && inFlight[0] === ended) inFlight.pop();
    else inFlight.splice(inFlight.indexOf(ended), 1);
    ended.release();
    this.#spare = ended;
  }
}

let latest: RequestInFlight | undefined;

/** The request that was started last: the one that a server's listener has been called with, until it first waits. */
export function latestRequest(): RequestInFlight | undefined {
  return latest;
}

/** The connection's record hangs on its socket: a map keyed by sockets costs more than the rest of a request's start. */
const CONNECTION = Symbol("otel-red.connection");
type Tracked = Socket & { [CONNECTION]?: Connection | undefined };

/** What finds the record of a request among those of its connection. */
export type RequestFinder = Pick<Connection, "find">;

export function connectionOf(socket: Socket): Connection | undefined {
  return (socket as Tracked)[CONNECTION];
}

export function setConnection(socket: Socket, connection: Connection | undefined): void {
  (socket as Tracked)[CONNECTION] = connection;
}

/** For a connection of another protocol, whose requests are kept elsewhere: `inFlightOf` asks there. */
export function setFinder(socket: Socket, finder: RequestFinder | undefined): void {
  setConnection(socket, finder as Connection | undefined);
}

/** Hot path (per assignment of a router). The record of a request, if it is one that is followed. */
export function inFlightOf(request: IncomingMessage): RequestInFlight | undefined {
  const socket = request.socket as Tracked | null | undefined;
  return socket?.[CONNECTION]?.find(request);
}
