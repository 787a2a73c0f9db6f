/**
 * The door: the one way by which a framework reports the route of a request.
 *
 * A framework calls `reportRoute` with a source. A higher source overwrites a lower one; of two equal sources the later
 * report counts. A framework reports eagerly, with a label, or leaves a reader, which is called when the request ends.
 * The model is OpenTelemetry Java's `HttpServerRoute.update(context, source, route)`.
 * https://github.com/open-telemetry/opentelemetry-java-instrumentation/blob/main/instrumentation-api/src/main/java/io/opentelemetry/instrumentation/api/semconv/http/HttpServerRoute.java
 */
import type { IncomingMessage } from "node:http";
import type { LabelPath } from "../../view/label-sets.ts";

/** Who knows the route, from the weakest to the strongest. path-labels.ts has what each of them becomes. */
export const RouteSource = {
  /** Nobody so far: a server without a framework, or one that cannot be seen. */
  NONE: 0,
  /** The server's listener is an application with mounts, but without routes. The label is `<mount>/*`, if there is one. */
  LISTENER: 1,
  /** Another instrumentation has reported the route to OpenTelemetry. */
  TELEMETRY: 2,
  /** A framework handles the request. No route has matched so far, so there is no label. */
  FRAMEWORK: 3,
  /** A handler below a mount may answer. The label is `<mount>/*`. */
  MOUNT: 4,
  /** A framework that looks services up by itself has found one. */
  SERVICE: 5,
  /** A route has matched. */
  ROUTE: 6,
  /** A framework knows better than the routers in front of it. */
  FINAL: 7,
} as const;
export type RouteSource = (typeof RouteSource)[keyof typeof RouteSource];

/** What a framework reports while it handles a request. The other sources are asked at the end (`EndReader`). */
export type ReportSource = typeof RouteSource.FRAMEWORK | typeof RouteSource.MOUNT | typeof RouteSource.ROUTE;

/**
 * Returns the label of the route that has matched, from what the framework keeps of the request; `undefined` where none has.
 * Called once when the request ends, and at each scrape until then: by then there may be no answer yet. A framework that
 * reports a second time may call it as well.
 */
export type RouteReader = (state: object) => LabelPath | undefined;

/** The mounts that a router has taken a request through, for routes of other frameworks below them. */
export interface OuterMounts {
  /** What the mounts have taken from the path: `/api/t/acme`. Empty outside of any mount. */
  readonly base: string;
  /** `<mount>/*`, or `undefined` outside of any mount. */
  label(request: IncomingMessage): LabelPath | undefined;
  /**
   * Hot path (per request). Whether a route of the router has passed the request on to what answered it, or is answering it.
   *
   * @param route the label of the route that has matched, of the router or of a framework below it
   * @param statusCode 0 while the request is in flight
   */
  hasLeft(request: IncomingMessage, route: LabelPath, statusCode: number): boolean;
  /**
   * The label of a route, with the mounts in front. A route of the router itself has them already.
   *
   * @param target the request target as received
   */
  labelBelow(request: IncomingMessage, target: string, route: LabelPath): LabelPath;
  /** Forgets the request. */
  clear(): void;
}

/** What has been reported of one request. Only the functions of this file write it. It serves the next request, too. */
export class ReportedRoute {
  source: ReportSource | typeof RouteSource.NONE = RouteSource.NONE;
  /** The label of the strongest report. */
  path: LabelPath | undefined = undefined;
  reader: RouteReader | undefined = undefined;
  /** What the framework keeps of the request. */
  state: object | undefined = undefined;
  /** The mounts that the request is in, of the one framework that has mounts with other frameworks below. */
  outer: OuterMounts | undefined = undefined;

  /** The label of the route that has matched, if one was reported eagerly. */
  get matched(): LabelPath | undefined {
    return this.source === RouteSource.ROUTE ? this.path : undefined;
  }

  /** What the reader returns, or else what was reported eagerly. */
  get current(): LabelPath | undefined {
    if (this.reader === undefined) return this.matched;
    return this.reader(this.state as object) ?? this.matched;
  }

  /** Hot path (per request). */
  clear(): void {
    this.source = RouteSource.NONE;
    this.path = undefined;
    this.reader = undefined;
    this.state = undefined;
    if (this.outer !== undefined) this.outer.clear();
  }
}

/**
 * Hot path (several times per request). Reports what a framework knows of a request. Once the answer has begun, a route or
 * a mount that the request reaches is not its own any more, and is ignored.
 *
 * @param route the label of the route or of the mount; or a reader, which is called with `state` and replaces the reader
 *   before it. What a reader returns wins over a label. Nothing where only the source is known
 * @param state an object of the framework's. Beside a label it is kept only where there is none yet
 */
export function reportRoute(
  request: Reportable,
  source: typeof RouteSource.ROUTE,
  route: RouteReader,
  state: object,
): void;
export function reportRoute(request: Reportable, source: ReportSource, route?: LabelPath, state?: object): void;
export function reportRoute(
  request: Reportable,
  source: ReportSource,
  route?: LabelPath | RouteReader,
  state?: object,
): void {
  const reported = request.route;
  if (typeof route === "function") {
    reported.reader = route;
    reported.state = state;
    if (reported.source === RouteSource.NONE) reported.source = RouteSource.FRAMEWORK;
    return;
  }
  if (state !== undefined) reported.state ??= state;
  if (source < reported.source) return;
  if (source > RouteSource.FRAMEWORK && request.isAnswered) return;
  reported.source = source;
  reported.path = route;
}

/**
 * Takes back the report of a route or mount that has passed the request on, unless another one has been reported since.
 *
 * @param label of the route or mount
 * @param source the source before it was reported, or that of the route around it
 * @param path the label that goes with the source
 */
export function takeBackRoute(
  { route: reported }: Reportable,
  label: LabelPath,
  source: ReportedRoute["source"],
  path: LabelPath | undefined,
): void {
  if (reported.path !== label) return;
  reported.source = source;
  reported.path = path;
}

/**
 * Hot path (several times per request). Returns the mounts of a request.
 *
 * @param create makes them for the first request of a record; later requests get the same object, cleared
 */
export function outerMountsOf<Mounts extends OuterMounts>({ route }: Reportable, create: () => Mounts): Mounts {
  route.outer ??= create();
  return route.outer as Mounts;
}

/** A request in flight, as far as the door needs it. */
interface Reportable {
  readonly route: ReportedRoute;
  /** Whether the head of the response has been written. */
  readonly isAnswered: boolean;
}
