/**
 * The path label of a request: the strongest report of a route, or what stands in for one.
 */
import type { IncomingMessage } from "node:http";
import type { LabelPath, LabelSets } from "../../view/label-sets.ts";
import type { RequestInFlight } from "../http/request-in-flight.ts";
import type { ServerSeen } from "../http/server-seen.ts";
import type { EndReader, Observer } from "./framework.ts";
import type { NormalizedPaths } from "./plain/normalized-paths.ts";
import { RouteSource } from "./route.ts";

/** An upgrade: it goes past the framework, which gets requests. */
const SWITCHING_PROTOCOLS = 101;
const NOT_FOUND = 404;
const SECOND_MS = 1000;
/** Of a request in flight. */
const NO_STATUS = 0;

type Read = EndReader["read"];

/** A 4xx, which a framework may give before one of its routes matches. */
function isRefusal(statusCode: number): boolean {
  return statusCode >= 400 && statusCode < 500;
}

/** A refusal or a preflight: without a route, it is given to anything that comes. */
function isForAnything(request: IncomingMessage | undefined, statusCode: number): boolean {
  return isRefusal(statusCode) || request?.method === "OPTIONS";
}

export interface PathLabelsOptions {
  readonly labelSets: LabelSets;
  readonly normalizedPaths: NormalizedPaths;
  readonly observers: readonly Observer[];
  /** Called once, when the first request has ended that is shown with its normalised path. */
  readonly onFirstNormalized: () => void;
  /** Called when a request has ended without a route, a second after the last time at the earliest. */
  readonly onUnrouted: () => void;
}

export class PathLabels {
  readonly #labelSets: LabelSets;
  readonly #normalizedPaths: NormalizedPaths;
  readonly #readFinal: Read;
  readonly #readFinalOfNotFound: Read;
  readonly #readService: Read;
  readonly #readTelemetry: Read;
  readonly #readersOf: readonly NonNullable<Observer["readerOf"]>[];
  readonly #onUnrouted: () => void;
  #onFirstNormalized: (() => void) | undefined;
  /** When the last request that it was called for had started; milliseconds of the monotonic clock. */
  #unroutedAtMs = Number.NEGATIVE_INFINITY;

  constructor({ labelSets, normalizedPaths, observers, onFirstNormalized, onUnrouted }: PathLabelsOptions) {
    const readers = observers.flatMap(({ reader }) => reader ?? []);
    this.#labelSets = labelSets;
    this.#normalizedPaths = normalizedPaths;
    const final = readers.filter(({ source }) => source === RouteSource.FINAL);
    this.#readFinal = firstOf(final.filter(({ onlyNotFound }) => onlyNotFound !== true));
    this.#readFinalOfNotFound = firstOf(final);
    this.#readService = firstOf(readers.filter(({ source }) => source === RouteSource.SERVICE));
    this.#readTelemetry = firstOf(readers.filter(({ source }) => source === RouteSource.TELEMETRY));
    this.#readersOf = observers.flatMap(({ readerOf }) => readerOf ?? []);
    this.#onFirstNormalized = onFirstNormalized;
    this.#onUnrouted = onUnrouted;
  }

  /** Hot path (per request). The label of a request that has ended with this status: from the strongest source that knows one. */
  ended(request: RequestInFlight, server: ServerSeen, statusCode: number): LabelPath {
    // on HTTP/2, where nobody has looked for it: an application without routes takes it as it comes
    if (request.request === undefined && this.#readerOfListener(server) !== undefined) request.incomingMessage();
    const final = statusCode === NOT_FOUND ? this.#readFinalOfNotFound(request) : this.#readFinal(request);
    const routed = final ?? matchedLabel(request, statusCode);
    if (routed === undefined && request.startedAtMs - this.#unroutedAtMs >= SECOND_MS) {
      this.#unroutedAtMs = request.startedAtMs;
      this.#onUnrouted();
    }
    const label = routed ?? this.#frameworkLabel(request, statusCode);
    if (label === undefined) return this.#labelWithoutFramework(request, server, statusCode);
    server.framework = true;
    return label === this.#labelSets.unmatched ? this.#labelAtRoot(request, statusCode) : label;
  }

  /** The label of a request in flight, as far as it is known by now. */
  inFlight(request: RequestInFlight, server: ServerSeen): LabelPath {
    const label =
      this.#readFinal(request) ??
      matchedLabel(request, NO_STATUS) ??
      mountLabel(request) ??
      this.#readerOfListener(server)?.read(request);
    if (label !== undefined) return label;
    const isFrameworks = request.route.source >= RouteSource.FRAMEWORK || server.framework;
    return isFrameworks ? this.#labelSets.unmatched : this.#normalizedPaths.label(request.target);
  }

  /** Of a request that a framework has handled, without a route; `undefined` for any other. */
  #frameworkLabel(request: RequestInFlight, statusCode: number): LabelPath | undefined {
    if (request.route.source < RouteSource.FRAMEWORK) return undefined;
    const service = this.#readService(request);
    if (service !== undefined) return belowMounts(request, service);
    return mountLabel(request) ?? this.#labelAtRoot(request, statusCode);
  }

  /** The label of an answer that an application has given outside of its routes and mounts. */
  #labelAtRoot(request: RequestInFlight, statusCode: number): LabelPath {
    if (isForAnything(request.request, statusCode)) return this.#labelSets.unmatched;
    // a single-page application sends its page under any path
    if (request.sendsFile) return this.#labelSets.anything;
    this.#noteNormalized();
    return this.#normalizedPaths.unrouted(request.target);
  }

  #noteNormalized(): void {
    const onFirstNormalized = this.#onFirstNormalized;
    if (onFirstNormalized === undefined) return;
    this.#onFirstNormalized = undefined;
    onFirstNormalized();
  }

  /** Hot path (per request to a server without a framework). */
  #labelWithoutFramework(request: RequestInFlight, server: ServerSeen, statusCode: number): LabelPath {
    const reported = this.#readTelemetry(request);
    if (reported !== undefined) return reported;
    const listener = this.#readerOfListener(server);
    if (listener !== undefined) return listener.read(request) ?? this.#labelAtRoot(request, statusCode);
    this.#noteNormalized();
    if (server.framework && statusCode !== SWITCHING_PROTOCOLS) {
      // an answer of Node's, of code in front of the framework, or of the framework itself before its routing
      if (isRefusal(statusCode)) return this.#labelSets.unmatched;
      if (server.isFrameworks()) return this.#labelAtRoot(request, statusCode);
    }
    return this.#normalizedPaths.label(request.target);
  }

  /** Hot path (per request). The reader for the application that is the server's listener, if it is one. */
  #readerOfListener(server: ServerSeen): EndReader | undefined {
    // a server may outlive one start of ours, and meet the next
    if (server.listenerReaderOf !== this) {
      server.listenerReaderOf = this;
      server.listenerReader = this.#findReader(server.listener);
    }
    return server.listenerReader;
  }

  #findReader(listener: unknown): EndReader | undefined {
    for (const readerOf of this.#readersOf) {
      const reader = readerOf(listener);
      if (reader !== undefined) return reader;
    }
    return undefined;
  }
}

/** Asks one reader after the other, until one has a label. A single reader is called as it is, so that V8 can inline it. */
function firstOf(readers: readonly EndReader[]): Read {
  const [first, ...others] = readers;
  if (first === undefined) return () => undefined;
  if (others.length === 0) return first.read;
  const next = firstOf(others);
  return (request) => first.read(request) ?? next(request);
}

/** Hot path (per request). The label of the route that has matched, unless it has passed the request on. */
function matchedLabel(request: RequestInFlight, statusCode: number): LabelPath | undefined {
  const { current, outer } = request.route;
  if (current === undefined || outer === undefined || request.request === undefined) return current;
  if (outer.hasLeft(request.request, current, statusCode)) return undefined;
  return outer.labelBelow(request.request, request.target, current);
}

/** `<mount>/*` of the mount that the request is in. */
function mountLabel({ route, request }: RequestInFlight): LabelPath | undefined {
  const mount = request && route.outer?.label(request);
  return mount ?? (route.source === RouteSource.MOUNT ? route.path : undefined);
}

/** Hot path (per request). A framework below the mounts of another one knows nothing of them. */
function belowMounts({ route: { outer }, request, target }: RequestInFlight, path: LabelPath): LabelPath {
  return outer === undefined || request === undefined ? path : outer.labelBelow(request, target, path);
}
