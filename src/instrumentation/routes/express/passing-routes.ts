/**
 * Routes that pass requests on: what a route's handlers call `next` with. Each layer of such a route gets the method of its
 * class that calls its handler once more, as a property of its own that is not enumerable. Other routes are left alone, so
 * that the stacks of their errors are as they were.
 */
import type { IncomingMessage } from "node:http";
import type { Observation } from "../framework.ts";
import type { ExpressLayer, ExpressRoute } from "./layer.ts";

type Next = (error?: unknown) => void;
type Handle = ((this: ExpressLayer, request: IncomingMessage, response: unknown, next: Next) => unknown) & {
  [ORIGINAL]?: Handle;
};
type RouteLayer = ExpressLayer & Record<HandlerName, Handle | undefined> & { readonly method?: string | undefined };

/** The method that calls a layer's handler: of Express 4 and router 1, and of router 2. */
const HANDLERS = ["handle_request", "handleRequest"] as const;
type HandlerName = (typeof HANDLERS)[number];

/** The method of the layer's class. A method of ours that was left behind is replaced when we start again. */
const ORIGINAL = Symbol.for("otel-red.layer");

export interface PassingRoutesOptions {
  readonly onPassedOn: (request: IncomingMessage, route: ExpressRoute) => void;
  readonly onFailed: (request: IncomingMessage, route: ExpressRoute) => void;
  readonly onFailure: Observation["onFailure"];
}

export class PassingRoutes {
  readonly #options: PassingRoutesOptions;
  readonly #watched = new WeakSet<ExpressRoute>();

  constructor(options: PassingRoutesOptions) {
    this.#options = options;
  }

  /** Hot path (per route that matches). Watches a route with a wildcard. It may have got more layers since. */
  meet(route: ExpressRoute): void {
    if (!this.#watched.has(route) && hasWildcard(route.path)) this.watch(route);
  }

  isWatched(route: ExpressRoute): boolean {
    return this.#watched.has(route);
  }

  watch(route: ExpressRoute): void {
    this.#watched.add(route);
    for (const layer of (route.stack ?? []) as readonly RouteLayer[])
      for (const name of HANDLERS) this.#watchLayer(route, layer, name);
  }

  #watchLayer(route: ExpressRoute, layer: RouteLayer, name: HandlerName): void {
    const current = layer[name];
    const original = current?.[ORIGINAL] ?? current;
    if (typeof original !== "function" || (Object.hasOwn(layer, name) && original === current)) return;
    const noteNext = this.#noteNext;
    const handle: Handle = function (request, response, next) {
      return original.call(this, request, response, (error) => {
        noteNext(route, layer, request, error);
        next(error);
      });
    };
    handle[ORIGINAL] = original;
    Object.defineProperty(layer, name, { configurable: true, writable: true, enumerable: false, value: handle });
  }

  readonly #noteNext = (route: ExpressRoute, layer: RouteLayer, request: IncomingMessage, error: unknown): void => {
    try {
      if (error === "route" || error === "router" || (!error && isLast(route, layer, request)))
        this.#options.onPassedOn(request, route);
      else if (error) this.#options.onFailed(request, route);
    } catch (failure) {
      this.#options.onFailure(failure);
    }
  };
}

/** Whether no other handler of the route comes after this one. */
function isLast(route: ExpressRoute, layer: RouteLayer, { method = "" }: IncomingMessage): boolean {
  const name = method.toLowerCase();
  const isGet = name === "head" && route.methods?.head !== true;
  const layers = (route.stack ?? []) as readonly RouteLayer[];
  return layers
    .slice(layers.indexOf(layer) + 1)
    .every((later) => later.method !== undefined && later.method !== (isGet ? "get" : name));
}

/** Whether a path takes what has other paths, too: `/{*any}`, `/api/*`, `(.*)`, an expression. */
function hasWildcard(path: ExpressRoute["path"]): boolean {
  if (typeof path === "string") return path.includes("*") || path.includes("(");
  return path instanceof RegExp || (Array.isArray(path) && path.some(hasWildcard));
}
