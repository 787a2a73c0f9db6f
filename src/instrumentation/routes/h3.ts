/**
 * Routes of h3 1 and 2, and of Nitro where h3 is not bundled into the application, or Nitro shows it (nitro.ts).
 * https://h3.dev/guide/basics/routing
 */
import type { IncomingMessage } from "node:http";
import type { LabelPath } from "../../view/label-sets.ts";
import { inFlightOf } from "../http/connection.ts";
import type { RequestInFlight } from "../http/request-in-flight.ts";
import type { Framework, Observation } from "./framework.ts";
import { RouteSource, reportRoute } from "./route.ts";
import { templatesBelow, templatesOf } from "./route-templates.ts";
import { onCall, onGet, onReturn, prototypeOf, type Undo, undoAll } from "./wrapped-method.ts";

/** Of h3 2: a web request, with Node's behind it, and the context of its event. */
interface Request2 {
  readonly runtime?: { readonly node?: { readonly req?: IncomingMessage } };
  readonly context?: { readonly matchedRoute?: Route2 };
}
interface Event2 {
  readonly req?: Request2;
  readonly url?: { readonly pathname?: unknown };
}
interface Route2 {
  readonly route?: unknown;
}
interface Found {
  readonly data?: Route2;
}

/** Of h3 1: a router leaves its route in the event's context. */
interface Event1 {
  readonly node?: { readonly req?: IncomingMessage };
  readonly path?: string;
  readonly context?: { readonly matchedRoute?: { readonly path?: unknown } };
}

export const h3: Framework = {
  files: [
    { package: "h3", file: "dist/_entries/node.mjs", format: "module", observe: observeApplications },
    { package: "h3", file: "dist/index.mjs", format: "module", observe: observeEvents },
    { package: "h3", file: "dist/index.cjs", format: "commonjs", observe: observeEvents },
  ],
  bundle: { name: "h3", marks: [/\b__is_event__["']?\s*[=,]\s*(?:true|!0)/] },
};

/** The application looks for the route of each event, in those of mounted applications as well. */
export function observeApplications(exports: Readonly<Record<string, unknown>>, observation: Observation): Undo {
  const { H3, H3Core } = exports;
  const below = templatesBelow(observation.labelSets);
  const found = onReturn(
    prototypeOf(H3),
    "~findRoute",
    (found, [event]) => {
      const request = inFlightBehind((event as Event2 | undefined)?.req);
      if (request === undefined) return;
      reportRoute(request, RouteSource.FRAMEWORK);
      const route = (found as Found | undefined)?.data;
      if (typeof route?.route !== "string") return;
      const caller = request.route.matched;
      const base = caller === undefined ? "" : mountOf(caller, request.target, event as Event2);
      if (base !== undefined) reportRoute(request, RouteSource.ROUTE, below(base)(route, route.route));
    },
    observation.onFailure,
  );
  return undoAll([found, observeCompiled(prototypeOf(H3Core), observation)]);
}

/** What a route like this one passes on. */
const ANYTHING = "/**";

/**
 * What was taken from the path for an application that a route of another one has called: by `app.mount()` and
 * `withBase()`, not where it is passed on as it came. Undefined where that route is not one for anything below a path, and
 * the request remains its own.
 */
function mountOf({ value }: LabelPath, target: string, { url }: Event2): string | undefined {
  if (!value.endsWith(ANYTHING)) return undefined;
  const [path] = target.split("?", 1);
  return path === url?.pathname ? "" : value.slice(0, -ANYTHING.length);
}

/**
 * Nitro compiles its routes into a function, and gives that to its application in place of the method. What was found is in
 * the context of the event, which is the request's. https://nitro.build/docs/routing
 */
function observeCompiled(Core: object, { labelSets, onFailure }: Observation): Undo {
  const templates = templatesOf(labelSets);

  /** Hot path (per request). */
  function read(state: object): LabelPath | undefined {
    const route = (state as Request2).context?.matchedRoute;
    return typeof route?.route === "string" ? templates(route, route.route) : undefined;
  }

  const onRequest = (app: object, [incoming]: readonly unknown[]) => {
    if (!FIND_ROUTE.some((name) => Object.hasOwn(app, name))) return;
    const request = inFlightBehind(incoming as Request2 | undefined);
    if (request !== undefined) reportRoute(request, RouteSource.ROUTE, read, incoming as object);
  };
  return undoAll(REQUEST.map((name) => onCall(Core, name, onRequest, onFailure)));
}

/** In h3 2, and in the candidate of it that Nitro 3.0.0 has. */
const FIND_ROUTE = ["~findRoute", "_findRoute"];
const REQUEST = ["~request", "_request"];

function inFlightBehind(request: Request2 | undefined): RequestInFlight | undefined {
  const incoming = request?.runtime?.node?.req;
  return incoming && inFlightOf(incoming);
}

/** An application asks each event whether it is handled; a router asks for its method, right before it is routed. */
function observeEvents({ H3Event }: Readonly<Record<string, unknown>>, observation: Observation): Undo {
  const { labelSets, onFailure } = observation;
  const below = templatesBelow(labelSets);
  /** The routes by which events have come into a nested router: it may have none for them. */
  const around = new WeakMap<object, object>();
  /** What was stripped from the path in front of the router that an event has come into last: `/api`. */
  const bases = new WeakMap<object, string>();

  /** Hot path (per request). */
  function read(state: object): LabelPath | undefined {
    const route = (state as Event1).context?.matchedRoute;
    if (typeof route?.path !== "string" || around.get(state) === route) return undefined;
    return below(bases.get(state) ?? "")(route, route.path);
  }

  /** Hot path (per router that is entered). */
  function enter(event: Event1, request: RequestInFlight): void {
    const outer = event.context?.matchedRoute;
    const { route } = request;
    if (outer !== undefined && route.state === event) {
      const { current } = route;
      if (current !== undefined) reportRoute(request, RouteSource.ROUTE, current);
      around.set(event, outer);
    }
    const base = strippedFrom(request.target.slice(route.outer?.base.length), event.path ?? "");
    if (base !== "") bases.set(event, base);
    else if (outer !== undefined) bases.delete(event);
    reportRoute(request, RouteSource.ROUTE, read, event);
  }

  const asked = (act: (event: Event1, request: RequestInFlight) => void) => (event: Event1) => {
    const request = event.node?.req && inFlightOf(event.node.req);
    if (request === undefined) return;
    reportRoute(request, RouteSource.FRAMEWORK);
    act(event, request);
  };
  const undo = [
    onGet(
      prototypeOf(H3Event),
      "handled",
      asked(() => {}),
      onFailure,
    ),
    onGet(prototypeOf(H3Event), "method", asked(enter), onFailure),
  ];
  return undoAll(undo);
}

/** What `app.use("/api", …)` and `useBase("/api", …)` have taken from the path: literals, all of them. */
function strippedFrom(target: string, path: string): string {
  if (path === target) return "";
  if (target.endsWith(path)) return target.slice(0, -path.length);
  return path === "/" && !target.includes("?") ? target : "";
}
