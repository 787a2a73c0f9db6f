/**
 * Follows every request of the HTTP/2 servers of the process, be they answered by streams or by Node's compatibility
 * API, from the start of its stream to its ending.
 *
 * Node's diagnostics channels for streams (not in Node 20, nor in 22.15) tell neither of a response that was sent nor of one
 * that was cut. The documented events of server, session and stream do, on every version, and Node does not behave
 * otherwise for having listeners of them. A pushed stream is no request and emits no `stream`.
 * https://nodejs.org/api/http2.html#event-stream
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type {
  Http2Server,
  Http2ServerRequest,
  IncomingHttpHeaders,
  ServerHttp2Session,
  ServerHttp2Stream,
} from "node:http2";
import type { Socket } from "node:net";
import { interceptMethod } from "../../node/intercepted-method.ts";
import type { Operation } from "../../view/label-sets.ts";
import { methodIndex } from "../../view/methods.ts";
import { setFinder } from "./connection.ts";
import type { Http1ServerRequestsOptions } from "./http1-server-requests.ts";
import {
  type CutStream,
  handleOf,
  isBodySent,
  isClosedByServer,
  isSent,
  isStreamCut,
  type StreamHandle,
  statusOfStream,
} from "./http2-outcome.ts";
import { RequestInFlight } from "./request-in-flight.ts";
import { type ServerSeen, serverSeen } from "./server-seen.ts";

export type Http2ServerRequestsOptions = Pick<
  Http1ServerRequestsOptions,
  "labelSets" | "pathLabels" | "excludedPaths" | "now" | "onEnded" | "onFailure"
> & {
  /** Called with the first session of the process. */
  readonly onFirstSession: () => void;
};

/** A session, and the server that has it. */
class SessionSeen {
  readonly session: ServerHttp2Session;
  readonly server: ServerSeen;
  /** When Node last reported that it was idle for too long; milliseconds of the monotonic clock. */
  timedOutAtMs = Number.NEGATIVE_INFINITY;

  constructor(session: ServerHttp2Session, server: ServerSeen) {
    this.session = session;
    this.server = server;
  }
}

/** A request whose stream has not closed. */
class StreamInFlight extends RequestInFlight implements CutStream {
  readonly stream: ServerHttp2Stream;
  readonly handle: StreamHandle | undefined;
  readonly seen: SessionSeen;
  isClosedByServer = false;
  isBodySent = false;

  constructor(stream: ServerHttp2Stream, seen: SessionSeen) {
    super();
    this.stream = stream;
    this.handle = handleOf(stream);
    this.seen = seen;
  }

  /** The writing side has finished, and not because the response was sent. */
  onFinishedUnsent(): void {
    this.isClosedByServer = isClosedByServer(this.stream);
    this.isBodySent = isBodySent(this.stream, this.handle);
  }

  get hasTimedOut(): boolean {
    return this.seen.session.destroyed && this.seen.timedOutAtMs >= this.startedAtMs;
  }

  get isServerListening(): boolean {
    return this.seen.server.isListening;
  }

  override incomingMessage(): IncomingMessage | undefined {
    this.request ??= requestOf(this.stream);
    return this.request;
  }

  override get isAnswered(): boolean {
    return this.stream.headersSent;
  }

  override get sendsFile(): boolean {
    const { sentHeaders } = this.stream;
    return sentHeaders !== undefined && LAST_MODIFIED in sentHeaders;
  }
}

/** In lower case, as HTTP/2 has all names. */
const LAST_MODIFIED = "last-modified";

/** The record of a request hangs on its stream. */
const IN_FLIGHT = Symbol("otel-red.stream");
type Tracked = ServerHttp2Stream & { [IN_FLIGHT]?: StreamInFlight | undefined };

/** `request.socket` gives what its session's socket has: the record of any of its requests is found from there. */
const BY_STREAM = {
  find(request: IncomingMessage): RequestInFlight | undefined {
    const { stream } = request as unknown as Http2ServerRequest;
    const record = (stream as Tracked | undefined)?.[IN_FLIGHT];
    if (record !== undefined) record.request = request;
    return record;
  },
};

export class Http2ServerRequests {
  excluded = 0;
  readonly #options: Http2ServerRequestsOptions;
  readonly #inFlight = new Set<StreamInFlight>();
  #anySessionYet = false;
  #isEnabled = false;
  /** One listener of each kind for all streams: `this` is the stream. */
  readonly #onFinish: (this: Tracked) => void;
  readonly #onClose: (this: Tracked) => void;

  /** Listeners of a server, by event. */
  readonly listeners: ReadonlyMap<"session", (this: Http2Server, session: ServerHttp2Session) => void>;

  constructor(options: Http2ServerRequestsOptions) {
    this.#options = options;
    const open = this.#guarded((server: Http2Server, session: ServerHttp2Session) => this.#open(server, session));
    const finished = this.#guarded((stream: Tracked) => this.#finished(stream));
    const closed = this.#guarded((stream: Tracked) => this.#closed(stream));
    this.listeners = new Map([
      [
        "session",
        function onSession(this: Http2Server, session: ServerHttp2Session): void {
          open(this, session);
        },
      ],
    ]);
    this.#onFinish = function onFinish() {
      finished(this);
    };
    this.#onClose = function onClose() {
      closed(this);
    };
  }

  enable(): void {
    this.#isEnabled = true;
  }

  /** Sessions under way keep a listener that does nothing. */
  disable(): void {
    this.#isEnabled = false;
    for (const { stream } of this.#inFlight) this.#letGo(stream);
    this.#inFlight.clear();
  }

  forEachOperation(visit: (operation: Operation) => void): void {
    const { labelSets, pathLabels } = this.#options;
    for (const request of this.#inFlight) {
      // the other side is through with it, and the application does not read on: there will be no event
      if (request.stream.closed) this.#closed(request.stream);
      else visit(labelSets.operation(pathLabels.inFlight(request, request.seen.server), request.methodIndex));
    }
  }

  #guarded<T extends unknown[]>(take: (...args: T) => void): (...args: T) => void {
    return (...args) => {
      if (!this.#isEnabled) return;
      try {
        take(...args);
      } catch (error) {
        this.#options.onFailure(error);
      }
    };
  }

  #open(server: Http2Server, session: ServerHttp2Session): void {
    if (!this.#anySessionYet) {
      this.#anySessionYet = true;
      this.#options.onFirstSession();
    }
    const seen = new SessionSeen(session, serverSeen(server as unknown as Server));
    setFinder(session.socket as Socket, BY_STREAM);
    // in front of Node's own, which destroys the session
    session.prependListener(
      "timeout",
      this.#guarded(() => {
        seen.timedOutAtMs = this.#options.now();
      }),
    );
    // in front of the server's own, from which the application gets the stream
    session.prependListener(
      "stream",
      this.#guarded((stream: ServerHttp2Stream, headers: IncomingHttpHeaders) =>
        this.#start(stream, headers, new StreamInFlight(stream, seen)),
      ),
    );
  }

  /** Hot path (per request). */
  #start(stream: Tracked, headers: IncomingHttpHeaders, started: StreamInFlight): void {
    const { excludedPaths, labelSets, now } = this.#options;
    // CONNECT has an authority instead of a path, unless it is a WebSocket's (RFC 8441)
    const target = headers[":path"] ?? headers[":authority"] ?? "";
    if (excludedPaths.has(target)) {
      this.excluded++;
      labelSets.changes.mark();
      return;
    }
    started.target = target;
    started.methodIndex = methodIndex(headers[":method"]);
    started.startedAtMs = now();
    stream[IN_FLIGHT] = started;
    this.#inFlight.add(started);
    stream.on("finish", this.#onFinish);
    stream.on("close", this.#onClose);
    if (headers[":method"] === "CONNECT") this.#endWithHandshake(stream);
  }

  /** As an upgrade's on HTTP/1, this request has ended when it is answered; what its stream carries then is none. */
  #endWithHandshake(stream: Tracked): void {
    const ended = this.#guarded(() => {
      const request = stream[IN_FLIGHT];
      if (request !== undefined && stream.headersSent) this.#end(request, false);
    });
    const restore = interceptMethod(stream, "respond", () => {
      restore();
      queueMicrotask(ended);
    });
  }

  /** Hot path (per request). */
  #finished(stream: Tracked): void {
    const request = stream[IN_FLIGHT];
    if (request === undefined) return;
    if (isSent(stream)) this.#end(request, false);
    else request.onFinishedUnsent();
  }

  /** Hot path (per request). */
  #closed(stream: Tracked): void {
    const request = stream[IN_FLIGHT];
    if (request === undefined) return;
    this.#end(request, isStreamCut(stream, request.seen.session.destroyed) && !request.isBodySent);
  }

  /** Hot path (per request). */
  #end(request: StreamInFlight, isAborted: boolean): void {
    const { labelSets, pathLabels, now, onEnded } = this.#options;
    const { stream, seen, startedAtMs } = request;
    const statusCode = statusOfStream(request);
    const path = pathLabels.ended(request, seen.server, statusCode);
    const labelSet = labelSets.labelSet(path, request.methodIndex, statusCode);
    // no exemplar: nghttp2 sends for all streams of a session, so this may run in the context of another request
    onEnded(labelSet, (now() - startedAtMs) / 1000, isAborted, stream as unknown as ServerResponse);
    this.#inFlight.delete(request);
    this.#letGo(stream);
  }

  #letGo(stream: Tracked): void {
    stream[IN_FLIGHT] = undefined;
    stream.removeListener("finish", this.#onFinish);
    stream.removeListener("close", this.#onClose);
  }
}

/** The request that the compatibility API has made for a stream. Node keeps it there, under a symbol of its own. */
function requestOf(stream: Tracked): IncomingMessage | undefined {
  const symbol = Object.getOwnPropertySymbols(stream).find(({ description }) => description === "request");
  return symbol && (stream as unknown as Record<symbol, IncomingMessage | undefined>)[symbol];
}
