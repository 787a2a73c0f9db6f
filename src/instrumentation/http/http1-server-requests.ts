/**
 * Follows every request of every HTTP server of the process from its start to its ending, each once and only once.
 *
 * Node tells of a start, and of a response handed to the operating system, by `diagnostics_channel`; an ending without
 * that is seen by the connection's close. Nothing is patched, so CommonJS, ES modules, bundles, http and https are
 * alike. https://nodejs.org/api/diagnostics_channel.html#http
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { LabelSet, LabelSets, Operation } from "../../view/label-sets.ts";
import { methodIndex } from "../../view/methods.ts";
import type { PathLabels } from "../routes/path-labels.ts";
import { Connection, connectionOf, setConnection } from "./connection.ts";
import type { ExcludedPaths } from "./excluded-paths.ts";
import type { Exemplars } from "./exemplars.ts";
import { GIVEN_UP, isGivenUp } from "./given-up.ts";
import {
  abortedStatus,
  answerOfNode,
  bytesHandedOver,
  CLIENT_CLOSED_REQUEST,
  isCutOff,
  isHandedOver,
  responseOn,
  sentStatus,
} from "./outcome.ts";
import type { RequestInFlight } from "./request-in-flight.ts";
import { serverSeen } from "./server-seen.ts";

const REQUEST_START = "http.server.request.start";
const RESPONSE_FINISH = "http.server.response.finish";

/** What Node publishes of a request. */
interface RequestMessage {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
  readonly server: Server;
}

/**
 * Takes the measurement of a request that has ended: `durationSeconds` from its start to its ending; `isAborted` where its
 * connection went away before the response was sent.
 */
type OnEnded = (labelSet: LabelSet, durationSeconds: number, isAborted: boolean, response: ServerResponse) => void;

export interface Http1ServerRequestsOptions {
  readonly labelSets: LabelSets;
  readonly pathLabels: PathLabels;
  readonly excludedPaths: ExcludedPaths;
  readonly exemplars: Exemplars;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  readonly onEnded: OnEnded;
  /** Called with the first connection of the process that may have a request. */
  readonly onFirstRequest: () => void;
  /** Called with each connection that has closed while it had no request in flight. */
  readonly onIdleClose: (connection: Connection) => void;
  /** Takes an exception out of our own code: we are not to be asked again. */
  readonly onFailure: (error: unknown) => void;
}

export class Http1ServerRequests {
  excluded = 0;
  readonly #options: Http1ServerRequestsOptions;
  readonly #connections = new Set<Connection>();
  readonly #onClose: (this: Socket) => void;
  readonly #onTimeout: (this: Socket) => void;
  #anyRequestYet = false;

  constructor(options: Http1ServerRequestsOptions) {
    this.#options = options;
    const closed = (socket: Socket) => this.#closed(socket);
    // one listener of each kind for all connections: `this` is the socket
    this.#onClose = function onClose() {
      closed(this);
    };
    this.#onTimeout = function onTimeout() {
      const connection = connectionOf(this);
      if (connection !== undefined) connection.timedOutAtMs = options.now();
    };
  }

  enable(): void {
    subscribe(REQUEST_START, this.start);
    subscribe(RESPONSE_FINISH, this.#onFinish);
  }

  disable(): void {
    unsubscribe(REQUEST_START, this.start);
    unsubscribe(RESPONSE_FINISH, this.#onFinish);
    for (const connection of this.#connections) this.#forget(connection);
  }

  #removeListeners(socket: Socket): void {
    socket.removeListener("close", this.#onClose);
    socket.removeListener("timeout", this.#onTimeout);
  }

  #forget(connection: Connection): void {
    const { socket } = connection;
    this.#removeListeners(socket);
    setConnection(socket, undefined);
    this.#connections.delete(connection);
  }

  forEachOperation(visit: (operation: Operation) => void): void {
    const { labelSets, pathLabels } = this.#options;
    for (const connection of this.#connections) {
      // an application may have removed all listeners of its socket, ours too
      if (connection.socket.closed) this.#closed(connection.socket);
      for (const request of connection.inFlight()) {
        visit(labelSets.operation(pathLabels.inFlight(request, connection.server), request.methodIndex));
      }
    }
  }

  /** A connection that has no request yet: there may never be one. */
  accept(socket: Socket, server: Server): void {
    if (connectionOf(socket) === undefined) this.#open(socket, server);
  }

  /** The socket of a request becomes something else than HTTP: it is as without us from now on, and `answered` comes at once. */
  handOver(request: IncomingMessage): void {
    const connection = connectionOf(request.socket);
    if (connection?.find(request) !== undefined && connection.inFlight().length === 1)
      this.#removeListeners(connection.socket);
  }

  /** A request that was answered on its socket, past any response object: what its connection is used for now is no HTTP. */
  answered(request: IncomingMessage, statusCode: number): void {
    const connection = connectionOf(request.socket);
    const ended = connection?.find(request);
    if (connection === undefined || ended === undefined) return;
    this.#end(connection, ended, statusCode, false);
    // requests that were pipelined in front of it still end on it
    if (!connection.hasRequests) this.#forget(connection);
  }

  /**
   * Hot path (per request). Takes a `RequestMessage`. A subscriber that throws ends the process, so nothing gets out of
   * here.
   */
  readonly start = (message: unknown): void => {
    try {
      const { request, response, socket, server } = message as RequestMessage;
      const connection = connectionOf(socket) ?? this.#open(socket, server);
      if (connection.server.own) return;
      if (this.#options.excludedPaths.has(request.url ?? "")) this.#exclude();
      else connection.begin(request, response, methodIndex(request.method), this.#options.now());
    } catch (error) {
      this.#options.onFailure(error);
    }
  };

  #exclude(): void {
    this.excluded++;
    this.#options.labelSets.changes.mark();
  }

  /** Hot path (per request). */
  readonly #onFinish = (message: unknown): void => {
    try {
      const { request, response, socket } = message as RequestMessage;
      const connection = connectionOf(socket);
      if (connection === undefined) return;
      const ended = connection.find(request);
      if (ended !== undefined) {
        if (isCutOff(socket)) {
          this.#abort(connection, ended);
          connection.isExcused = true;
        } else this.#end(connection, ended, sentStatus(response), false);
      }
      connection.bytesBefore = bytesHandedOver(socket);
    } catch (error) {
      this.#options.onFailure(error);
    }
  };

  #open(socket: Socket, server: Server): Connection {
    if (!this.#anyRequestYet) {
      this.#anyRequestYet = true;
      this.#options.onFirstRequest();
    }
    const connection = new Connection(socket, serverSeen(server));
    setConnection(socket, connection);
    if (!connection.server.own) {
      this.#connections.add(connection);
      socket.on("close", this.#onClose);
      socket.on("timeout", this.#onTimeout);
    }
    return connection;
  }

  #closed(socket: Socket): void {
    try {
      const connection = connectionOf(socket);
      if (connection === undefined) return;
      this.#connections.delete(connection);
      if (!connection.hasRequests) this.#options.onIdleClose(connection);
      for (const ended of connection.inFlight()) this.#abort(connection, ended);
    } catch (error) {
      this.#options.onFailure(error);
    }
  }

  /** The connection has gone, and Node has published no end of the response. */
  #abort(connection: Connection, ended: RequestInFlight): void {
    const { socket, bytesBefore } = connection;
    const response = responseOn(socket, ended);
    const answer = answerOfNode(response, socket, bytesBefore);
    if (answer !== undefined) {
      this.#end(connection, ended, answer, false);
    } else if (isHandedOver(response, socket, bytesBefore)) {
      this.#end(connection, ended, sentStatus(response), false);
    } else {
      const status = abortedStatus(response, socket, bytesBefore);
      if (status !== CLIENT_CLOSED_REQUEST) {
        // Node does not publish the end of a response that is not its own
        const hasFinished = response !== ended.response && response.writableFinished;
        this.#end(connection, ended, status, !hasFinished);
      } else {
        this.#end(connection, ended, isGivenUp(connection, ended) ? GIVEN_UP : status, true);
      }
    }
  }

  /** Hot path (per request). */
  #end(connection: Connection, ended: RequestInFlight, statusCode: number, isAborted: boolean): void {
    const { labelSets, pathLabels, exemplars, now, onEnded } = this.#options;
    const path = pathLabels.ended(ended, connection.server, statusCode);
    const labelSet = labelSets.labelSet(path, ended.methodIndex, statusCode);
    const durationSeconds = (now() - ended.startedAtMs) / 1000;
    onEnded(labelSet, durationSeconds, isAborted, ended.response as ServerResponse);
    // the close of a connection is in nobody's context
    if (!isAborted) exemplars.offer(labelSet, durationSeconds);
    connection.end(ended);
  }
}
