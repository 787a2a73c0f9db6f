/**
 * Routes of Express 4 and 5 and of what is built on them: seen at the router's own assignments to `req.route` and
 * `req.baseUrl`, by accessors on the prototype that all requests share. No module is hooked, so CommonJS, ES modules
 * and bundles are alike.
 *
 * At each `route =` the router is still inside the mount, so the base is right even if an error handler answers later;
 * the last one wins.
 */
import type { IncomingMessage } from "node:http";
import { inFlightOf, type RequestInFlight } from "../../http/in-flight.ts";
import type { ExpressTemplates } from "./templates.ts";

/**
 * What an application has assigned. A symbol, so that `Object.create(req)` inherits it as it would a property; of the
 * registry, so that it is read back whichever copy of us has kept it there.
 */
const ROUTE = Symbol.for("otel-red.route");
const BASE_URL = Symbol.for("otel-red.baseUrl");

interface RoutedRequest extends IncomingMessage {
  params?: unknown;
  app?: unknown;
  next?: unknown;
}

/** An Express route, as opposed to whatever else an application may call `route`. */
export interface ExpressRoute {
  readonly path: string | RegExp | readonly (string | RegExp)[];
  /** By method in lower case; `_all` for all of them. */
  readonly methods?: Readonly<Record<string, boolean>>;
}

function isExpressRoute(value: unknown): value is ExpressRoute {
  if (typeof value !== "object" || value === null) return false;
  try {
    const { path } = value as { path?: unknown };
    return typeof path === "string" || Array.isArray(path) || path instanceof RegExp;
  } catch {
    return false; // a getter of the application's own
  }
}

/** A router assigns every route on a path to a HEAD request, and finds out afterwards that some answer none. */
function answersHead({ methods }: ExpressRoute): boolean {
  return methods === undefined || Boolean(methods.head || methods.get || methods._all);
}

export interface ExpressObserver {
  /** Stands aside. The accessors stay: requests under way keep reading by them. */
  remove(): void;
}

/**
 * @param prototype `http.IncomingMessage.prototype`
 * @param onFailure takes an exception out of our own code
 */
export function observeExpress(
  prototype: object,
  templates: ExpressTemplates,
  onFailure: (error: unknown) => void,
): ExpressObserver {
  /** Hot path (per route that matches). */
  function onRoute(this: RoutedRequest, value: unknown): void {
    try {
      const request = inFlightOf(this);
      // a router and its route assign the same, one after the other
      if (request === undefined || request.mounts.route === value || !isExpressRoute(value)) return;
      request.framework = true;
      request.mounts.route = value;
      if (this.method === "HEAD" && !answersHead(value)) return;
      request.template = templates.route(this, value, request.mounts);
      request.mounts.template = request.template;
    } catch (error) {
      onFailure(error);
    }
  }

  /** Hot path (per router that is entered or left). */
  function onBaseUrl(this: RoutedRequest, value: unknown): void {
    try {
      // a router sets `next` before it sets `baseUrl`: an application's own `baseUrl` says nothing about routes
      if (typeof value !== "string" || typeof this.next !== "function") return;
      const request = inFlightOf(this);
      if (request === undefined) return;
      request.framework = true;
      request.mounts.route = undefined;
      if (value !== request.mounts.base) moveTo(request, value, this);
    } catch (error) {
      onFailure(error);
    }
  }

  function moveTo({ mounts, target }: RequestInFlight, base: string, request: RoutedRequest): void {
    if (!mounts.moveTo(base, target)) return;
    mounts.describe(templates.told.onEntering(request, request.params, mounts), request.params, request.app);
  }

  const undo = [
    defineAccessor(prototype, "route", ROUTE, onRoute),
    defineAccessor(prototype, "baseUrl", BASE_URL, onBaseUrl),
  ];
  return {
    remove() {
      for (const remove of undo) remove();
    },
  };
}

/** Marks our accessors: one that was left behind is replaced when we start again. */
const OURS = Symbol.for("otel-red.accessor");

/**
 * Must not be felt: `undefined` until assigned, afterwards what was assigned, also after we have stood aside, and
 * replaceable. An application that has defined such a property itself keeps its own.
 */
function defineAccessor(
  prototype: object,
  name: string,
  slot: symbol,
  onAssigned: (this: never, value: unknown) => void,
): () => void {
  const existing = Object.getOwnPropertyDescriptor(prototype, name)?.get;
  if (name in prototype && !(existing !== undefined && OURS in existing)) return () => {};
  let observed = true;
  function get(this: Record<symbol, unknown>): unknown {
    return this[slot];
  }
  get[OURS] = true;
  Object.defineProperty(prototype, name, {
    configurable: true,
    enumerable: false,
    get,
    set(this: Record<symbol, unknown>, value: unknown) {
      try {
        this[slot] = value;
      } catch {
        return; // a request that the application has frozen
      }
      if (observed) onAssigned.call(this as never, value);
    },
  });
  return () => {
    observed = false;
  };
}
