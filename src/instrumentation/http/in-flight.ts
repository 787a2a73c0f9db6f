/**
 * Requests in flight, kept with their connection: an ending is looked for among the one or few requests of a
 * connection, never among all of them.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { LabelPath } from "../../view/label-sets.ts";
import { type ConnectApp, isConnectApp } from "../routes/connect.ts";
import { Mounts } from "../routes/express/mounts.ts";
import { bytesHandedOver } from "./outcome.ts";

/** Reads the template of the route that has matched, if any, from what the framework keeps of a request. */
export type RouteReader = (kept: object) => LabelPath | undefined;

/** What is known of a request between its start and its ending. Reused for the next request of its connection. */
export class RequestInFlight {
  request: IncomingMessage | undefined = undefined;
  response: ServerResponse | undefined = undefined;
  /** The request target as received; routers rewrite `request.url`. */
  target = "";
  /** Milliseconds of the monotonic clock. */
  startedAtMs = 0;
  methodIndex = 0;
  /** The template of the route that matched last. */
  template: LabelPath | undefined = undefined;
  /** A framework has had it in its hands, whether one of its routes matched or not. */
  framework = false;
  /** Where in Express's tree of routers it is. */
  readonly mounts: Mounts = new Mounts();
  /** What a framework keeps of it, and who reads the route from that: when it has ended, and at scrapes before. */
  kept: object | undefined = undefined;
  routeReader: RouteReader | undefined = undefined;
  /** The `<mount>/*` that it went into last, where a framework tells: the label of what is answered without a route. */
  mount: LabelPath | undefined = undefined;

  start(request: IncomingMessage, response: ServerResponse, methodIndex: number, nowMs: number): void {
    this.request = request;
    this.response = response;
    this.target = request.url ?? "";
    this.methodIndex = methodIndex;
    this.startedAtMs = nowMs;
    this.framework = false;
  }

  /** Lets go of the application's objects, which would otherwise live as long as an idle connection. */
  release(): void {
    this.request = undefined;
    this.response = undefined;
    this.target = "";
    this.template = undefined;
    this.kept = undefined;
    this.routeReader = undefined;
    this.mount = undefined;
    this.mounts.clear();
  }

  /** Hot path (per request). The template, also where the framework has to be asked for it. */
  get route(): LabelPath | undefined {
    if (this.routeReader === undefined) return this.template;
    return this.routeReader(this.kept as object) ?? this.template;
  }
}

/** What is known of a server. */
export class ServerSeen {
  /** One of ours: its requests are never counted. */
  readonly own: boolean;
  /** A framework answers here: a request not yet routed will find its way. */
  framework: boolean;
  /** The application that all requests of the server are handed to, where it is one of connect's. */
  readonly connect: ConnectApp | undefined;
  readonly #server: Server;

  constructor(server: Server, own: boolean) {
    this.#server = server;
    this.own = own;
    this.framework = !own && this.isFrameworks();
    const [listener] = server.listeners("request");
    this.connect = isConnectApp(listener) ? listener : undefined;
  }

  /** Whether a framework gets all requests, none of them past other code. Asked anew: socket.io steps in late. */
  isFrameworks(): boolean {
    const [listener, ...others] = this.#server.listeners("request");
    return listener !== undefined && others.length === 0 && frameworkListeners.has(listener);
  }
}

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

const servers = new WeakMap<Server, ServerSeen>();
const frameworkListeners = new WeakSet<object>();

export function serverSeen(server: Server): ServerSeen {
  let seen = servers.get(server);
  if (seen === undefined) {
    seen = new ServerSeen(server, false);
    servers.set(server, seen);
  }
  return seen;
}

/** Marks a server of ours, before it listens. */
export function markOwnServer(server: Server): void {
  servers.set(server, new ServerSeen(server, true));
}

export function isOwnServer(server: Server): boolean {
  return servers.get(server)?.own === true;
}

/** Marks a listener of servers' `request` as a framework's, before they listen. */
export function markFrameworkListener(listener: object): void {
  frameworkListeners.add(listener);
}
