/**
 * Routes of Hono 3 and 4 on @hono/node-server: each handler is registered with its routers together with its route, and
 * a router is filled when the first request comes. So the pairs are seen there, and their handlers wrapped: they are
 * called with the context, which leads to Node's request. https://hono.dev/docs/getting-started/nodejs#access-the-raw-node-js-apis
 *
 * The route's path is whole, with base paths and those of nested applications.
 */
import type { IncomingMessage } from "node:http";
import { inFlightOf, latestRequest } from "../http/connection.ts";
import type { RequestInFlight } from "../http/request-in-flight.ts";
import type { Framework, FrameworkFile, Observation } from "./framework.ts";
import { RouteSource, reportRoute, takeBackRoute } from "./route.ts";
import { templatesBelow } from "./route-templates.ts";
import { onCall, onReturn, prototypeOf, type Undo, undoAll } from "./wrapped-method.ts";

/** Of middleware, of `app.all()` and of `app.mount()`. */
const ALL = "ALL";
/** How the path of a mount ends. */
const MOUNTED = "/*";

interface HonoRoute {
  readonly method: string;
  readonly path: string;
}
/** A nested application with an error handler of its own registers a handler around the real one. */
interface ComposedHandler {
  readonly length: number;
  readonly __COMPOSED_HANDLER?: ComposedHandler;
}
interface HonoContext {
  /** Whether there is an answer: later handlers are called, and what they return is ignored. */
  readonly finalized?: boolean;
  readonly req?: { readonly path?: unknown };
  readonly env?: { readonly incoming?: IncomingMessage };
}
type Next = () => unknown;
type Handler = (this: unknown, context: HonoContext, next: Next, ...rest: unknown[]) => unknown;
type Registered = [handler: Handler, route: HonoRoute];

type Observe = FrameworkFile["observe"];

/** How each of the routers is observed: SmartRouter is the one that every `new Hono()` has, and asks the others. */
const ROUTERS: Readonly<Record<string, Observe>> = {
  smart: observeFirstMatch,
  "reg-exp": observeRoutes("add"),
  trie: observeRoutes("add"),
  // an application may have one of these alone, and so be registered before we come
  linear: observeRoutes("match"),
  pattern: observeRoutes("match"),
};

export const hono: Framework = {
  files: Object.entries(ROUTERS).flatMap(([router, observe]) => {
    const file = `router/${router}-router/router.js`;
    return [
      { package: "hono", file: `dist/${file}`, format: "module", observe },
      { package: "hono", file: `dist/cjs/${file}`, format: "commonjs", observe },
    ] as const;
  }),
  bundle: { name: "hono", marks: [/["'`]Can not add a route since the matcher is already built/] },
};

/** What a router has found: `[[[registered, params], …], …]`. */
type Matched = readonly [found?: readonly (readonly [registered: unknown, params: unknown])[], ...rest: unknown[]];

/** @param method the one that sees each handler with its route before it is called */
function observeRoutes(method: "add" | "match"): Observe {
  return (exports, observation) => {
    const routes = new HonoRoutes(observation);
    const { onFailure } = observation;
    const observeMethod = {
      add: (Router: object) => onCall(Router, method, (_router, [, , registered]) => routes.see(registered), onFailure),
      match: (Router: object) => onReturn(Router, method, (matched) => routes.seeMatched(matched), onFailure),
    }[method];
    const undo = Object.values(exports).map((Router) => observeMethod(prototypeOf(Router)));
    return undo.some((each) => each !== undefined) ? undoAll([...undo, routes.stop]) : undefined;
  };
}

/**
 * Notes that a handler is called.
 *
 * @param takesNext whether it may pass the request on
 * @returns what takes the note back when it does
 */
type Note = (context: HonoContext, route: HonoRoute, takesNext: boolean) => (() => void) | undefined;

/**
 * The parameters of a handler that answers, and of `app.all("/api/*", (c) => …)`: middleware also takes `next`. Hono tells the
 * two apart in the same way. https://github.com/honojs/hono/blob/main/src/helper/dev/index.ts
 */
const CONTEXT_ONLY = 1;

function innermost(handler: ComposedHandler): ComposedHandler {
  return handler.__COMPOSED_HANDLER === undefined ? handler : innermost(handler.__COMPOSED_HANDLER);
}

/** The handlers of a router's routes, each of which is wrapped once. */
class HonoRoutes {
  #observed = true;
  readonly #seen = new WeakSet<object>();
  readonly #note: Note;

  constructor(observation: Observation) {
    this.#note = noteRoutes(observation);
  }

  readonly stop = (): void => {
    this.#observed = false;
  };

  see(registered: unknown): void {
    if (!isRegistered(registered) || this.#seen.has(registered)) return;
    this.#seen.add(registered);
    this.#wrap(registered);
  }

  /** Hot path (per request). */
  seeMatched(matched: unknown): void {
    const found = (matched as Matched | undefined)?.[0];
    if (!Array.isArray(found)) return;
    for (let i = 0; i < found.length; i++) this.see(found[i]?.[0]);
  }

  /** Changes the pair itself: the router keeps it, and what Hono lists as its routes is somewhere else. */
  #wrap(registered: Registered): void {
    const [handler, route] = registered;
    const { length } = innermost(handler);
    const note = (context: HonoContext) =>
      this.#observed ? this.#note(context, route, length !== CONTEXT_ONLY) : undefined;
    const noted: Handler = function (context, next, ...rest) {
      const takeBack = note(context);
      if (takeBack === undefined) return handler.call(this, context, next, ...rest);
      const passOn: Next = () => {
        takeBack();
        return next();
      };
      return handler.call(this, context, passOn, ...rest);
    };
    // the next of its routers may be observed, too
    registered[0] = Object.defineProperty(noted, "length", { value: length });
  }
}

/**
 * The first request of an application, which fills its routers, may have no route: that it is Hono's is seen here. Later
 * ones do not come by, as the router that has been chosen takes the place of this method.
 */
function observeFirstMatch(exports: Readonly<Record<string, unknown>>, { onFailure }: Observation): Undo {
  const undo = Object.values(exports).map((Router) =>
    onCall(
      prototypeOf(Router),
      "match",
      (_router, [, path]) => {
        const request = latestRequest();
        // called at once by the server's listener, but for an application that is asked in some other way
        if (typeof path === "string" && request?.target.startsWith(path)) reportRoute(request, RouteSource.FRAMEWORK);
      },
      onFailure,
    ),
  );
  return undoAll(undo);
}

/** As Hono registers it: its routers take whatever they are given, also from others. */
function isRegistered(value: unknown): value is Registered {
  if (!Array.isArray(value)) return false;
  const [handler, route] = value;
  return typeof handler === "function" && typeof route?.path === "string" && typeof route?.method === "string";
}

function noteRoutes({ labelSets, onFailure }: Observation): Note {
  const below = templatesBelow(labelSets);
  /** By the contexts of applications that others have called. */
  const callers = new WeakMap<HonoContext, string | typeof CALLED>();
  /** Hot path (per handler that is called; the last one that has not passed the request on is the one that answers). */
  return (context, route, takesNext) => {
    try {
      const incoming = context?.env?.incoming;
      const request = incoming && inFlightOf(incoming);
      if (!request || context.finalized === true) return undefined;
      reportRoute(request, RouteSource.FRAMEWORK, undefined, context);
      let base: string | typeof CALLED = "";
      if (request.route.state !== context) {
        base = callers.get(context) ?? callerOf(context, request);
        callers.set(context, base);
        if (base === CALLED) return undefined;
      }
      const isMount = takesNext && route.method === ALL && route.path.endsWith("*");
      if (isMount && isRoot(route.path)) return undefined;
      const { source, path } = request.route;
      const label = below(base)(route, route.path);
      reportRoute(request, isMount ? RouteSource.MOUNT : RouteSource.ROUTE, label);
      if (!takesNext || request.route.path !== label) return undefined;
      return () => {
        if (context.finalized !== true && inFlightOf(incoming) === request) takeBackRoute(request, label, source, path);
      };
    } catch (error) {
      onFailure(error);
      return undefined;
    }
  };
}

/** Where the routes are of an application that another one has called, with a context of its own; `CALLED` where a route has. */
function callerOf(context: HonoContext, { route }: RequestInFlight): string | typeof CALLED {
  const { path: caller, matched } = route;
  const outer = (route.state as HonoContext).req?.path;
  const inner = context.req?.path;
  if (caller === undefined || !caller.value.endsWith(MOUNTED)) return matched === undefined ? "" : CALLED;
  // a handler has passed the request on as it came
  if (outer === inner) return "";
  // the handler of a route may ask for something else
  if (matched !== undefined && !String(outer).endsWith(String(inner))) return CALLED;
  return caller.value.slice(0, -MOUNTED.length);
}

/** By a handler of a route, whose request it is and remains. */
const CALLED = Symbol("called by a route");

function isRoot(path: string): boolean {
  return path === "*" || path === "/*";
}
