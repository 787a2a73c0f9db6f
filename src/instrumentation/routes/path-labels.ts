/**
 * The path label of a request: the strongest report of a route, or what stands in for one.
 */
import type { IncomingMessage } from "node:http";
import type { LabelPath, LabelSets } from "../../view/label-sets.ts";
import type { RequestInFlight } from "../http/request-in-flight.ts";
import type { ListenerReader, ServerSeen } from "../http/server-seen.ts";
import type { EndReader, Observer } from "./framework.ts";
import type { NormalizedPaths } from "./plain/normalized-paths.ts";
import { RouteSource } from "./route.ts";

/** An upgrade: it goes past the framework, which gets requests. */
const SWITCHING_PROTOCOLS = 101;
const STILL_IN_FLIGHT = 0;

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
  /**
   * Called when a request has ended that no framework is known to have handled: the first one, and whenever there are twice
   * as many.
   */
  readonly onNormalized: () => void;
}

export class PathLabels {
  readonly #labelSets: LabelSets;
  readonly #normalizedPaths: NormalizedPaths;
  /** From the strongest source to the weakest. */
  readonly #readers: readonly EndReader[];
  readonly #readersOf: readonly NonNullable<Observer["readerOf"]>[];
  readonly #onNormalized: () => void;
  #normalizedSoFar = 0;
  /** The strongest report of the request that is looked at. */
  #source: RouteSource = RouteSource.NONE;
  #path: LabelPath | undefined = undefined;

  constructor({ labelSets, normalizedPaths, observers, onNormalized }: PathLabelsOptions) {
    this.#labelSets = labelSets;
    this.#normalizedPaths = normalizedPaths;
    this.#readers = observers.flatMap(({ reader }) => reader ?? []).sort((a, b) => b.source - a.source);
    this.#readersOf = observers.flatMap(({ readerOf }) => readerOf ?? []);
    this.#onNormalized = onNormalized;
  }

  /** Hot path (per request). The label of a request that has ended with this status. */
  ended(request: RequestInFlight, server: ServerSeen, statusCode: number): LabelPath {
    this.#ask(request, RouteSource.NONE, statusCode);
    if (this.#source === RouteSource.NONE) this.#askListener(request, server);
    if (this.#source >= RouteSource.FRAMEWORK) {
      server.framework = true;
      this.#askMounts(request, statusCode);
    }
    const path = this.#path;
    switch (this.#source) {
      case RouteSource.NONE:
        return this.#ofNobody(request, server, statusCode);
      case RouteSource.LISTENER:
        if (isForAnything(request.request, statusCode)) return this.#labelSets.unmatched;
        return path ?? this.#normalizedPaths.label(request.target);
      case RouteSource.MOUNT:
        if (isForAnything(request.request, statusCode)) return this.#labelSets.unmatched;
        return path ?? this.#labelSets.unmatched;
      case RouteSource.SERVICE:
      case RouteSource.ROUTE:
        return belowMounts(request, path as LabelPath);
      default:
        return path ?? this.#labelSets.unmatched;
    }
  }

  /** The label of a request in flight, as far as it is known by now. */
  inFlight(request: RequestInFlight, server: ServerSeen): LabelPath {
    this.#ask(request, RouteSource.ROUTE, STILL_IN_FLIGHT);
    const path = this.#path;
    if (this.#source === RouteSource.FINAL) return path as LabelPath;
    if (this.#source === RouteSource.ROUTE) return belowMounts(request, path as LabelPath);
    if (this.#source >= RouteSource.FRAMEWORK || server.framework) return this.#labelSets.unmatched;
    return this.#normalizedPaths.label(request.target);
  }

  /** Hot path (per request). Asks those who may know more than what was reported, down to this source. */
  #ask(request: RequestInFlight, weakest: RouteSource, statusCode: number): void {
    const { route } = request;
    this.#source = route.source;
    this.#path = route.path;
    if (route.reader !== undefined) this.#offer(route.readerSource, route.reader(route.state as object));
    const readers = this.#readers;
    for (let i = 0; i < readers.length; i++) {
      const { source, read } = readers[i] as EndReader;
      if (source < this.#source || source < weakest) break;
      this.#offer(source, read(request, statusCode));
    }
  }

  /** Hot path (per request of a framework). Finds the mount that answers, where no route has matched. */
  #askMounts({ route: { outer }, request }: RequestInFlight, statusCode: number): void {
    if (outer === undefined || this.#source > RouteSource.MOUNT || request === undefined) return;
    if (!isForAnything(request, statusCode)) this.#offer(RouteSource.MOUNT, outer.label(request));
  }

  #offer(source: RouteSource, path: LabelPath | undefined): void {
    if (path === undefined || source < this.#source) return;
    this.#source = source;
    this.#path = path;
  }

  /** Hot path (per request that nobody has reported). */
  #askListener(request: RequestInFlight, server: ServerSeen): void {
    if (server.listenerReader === null) server.listenerReader = this.#readerOf(server.listener);
    if (server.listenerReader === undefined) return;
    this.#source = RouteSource.LISTENER;
    this.#path = server.listenerReader(request);
  }

  #readerOf(listener: unknown): ListenerReader | undefined {
    for (const readerOf of this.#readersOf) {
      const reader = readerOf(listener);
      if (reader !== undefined) return reader;
    }
    return undefined;
  }

  /** A plain server; or an answer that Node, code in front of the framework or the framework itself gave before its routing. */
  #ofNobody(request: RequestInFlight, server: ServerSeen, statusCode: number): LabelPath {
    const count = ++this.#normalizedSoFar;
    if ((count & (count - 1)) === 0) this.#onNormalized();
    if (server.framework && statusCode !== SWITCHING_PROTOCOLS && (isRefusal(statusCode) || server.isFrameworks()))
      return this.#labelSets.unmatched;
    return this.#normalizedPaths.label(request.target);
  }
}

/** Hot path (per request). A framework below the mounts of another one knows nothing of them. */
function belowMounts({ route: { outer }, request, target }: RequestInFlight, path: LabelPath): LabelPath {
  return outer === undefined || request === undefined ? path : outer.labelBelow(request, target, path);
}
