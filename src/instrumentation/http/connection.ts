/**
 * Requests in flight, kept with their connection. Each is found in one step, however many a client pipelines.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { bytesHandedOver } from "./outcome.ts";
import { RequestInFlight } from "./request-in-flight.ts";
import type { ServerSeen } from "./server-seen.ts";

export class Connection {
  readonly socket: Socket;
  readonly server: ServerSeen;
  /** Bytes that the socket had handed over before the response whose turn it is. */
  bytesBefore: number;
  /** When Node last reported that the connection was idle for too long; milliseconds of the monotonic clock. */
  timedOutAtMs = Number.NEGATIVE_INFINITY;
  /** The server is not to blame for what is left: its client has sent garbage, or not read the response in front. */
  isExcused = false;
  /** All there is, unless the client pipelines. */
  #single: RequestInFlight | undefined;
  /** Requests that came while another was in flight: a client can send tens of thousands of them at once. */
  #pipelined: Map<IncomingMessage, RequestInFlight> | undefined;
  #spare: RequestInFlight | undefined;

  constructor(socket: Socket, server: ServerSeen) {
    this.socket = socket;
    this.server = server;
    this.bytesBefore = bytesHandedOver(socket);
  }

  get hasRequests(): boolean {
    return this.#single !== undefined || (this.#pipelined?.size ?? 0) > 0;
  }

  /** A copy: requests may end while it is read. */
  inFlight(): RequestInFlight[] {
    const pipelined = this.#pipelined?.values() ?? [];
    return this.#single === undefined ? [...pipelined] : [this.#single, ...pipelined];
  }

  /** Hot path (per request). */
  begin(request: IncomingMessage, response: ServerResponse, methodIndex: number, nowMs: number): RequestInFlight {
    const started = this.#spare ?? new RequestInFlight();
    this.#spare = undefined;
    started.start(request, response, methodIndex, nowMs);
    latest = started;
    if (this.#single === undefined) {
      this.#single = started;
    } else {
      this.#pipelined ??= new Map();
      this.#pipelined.set(request, started);
    }
    return started;
  }

  /** Hot path (per request). `undefined` for a request that is not followed: excluded, or older than we are. */
  find(request: IncomingMessage): RequestInFlight | undefined {
    return this.#single?.request === request ? this.#single : this.#pipelined?.get(request);
  }

  /** Hot path (per request). Once only: a request that was taken out is not found again. */
  end(ended: RequestInFlight): void {
    if (this.#single === ended) this.#single = undefined;
    else this.#pipelined?.delete(ended.request as IncomingMessage);
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
