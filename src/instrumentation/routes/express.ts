/**
 * Routes of Express 4 and 5 and of what is built on them: seen at the router's own assignments to `req.route` and
 * `req.baseUrl`, by accessors on the prototype that all requests share. No module is hooked, so CommonJS, ES modules
 * and bundles are alike.
 *
 * At each `route =` the router is still inside the mount, so the base is right even if an error handler answers later;
 * the last one wins.
 */
import type { IncomingMessage } from "node:http";
import { inFlightOf, type RequestInFlight } from "../in-flight.ts";
import type { ExpressTemplates } from "./express-templates.ts";

/** What an application has assigned. A symbol, so that `Object.create(req)` inherits it as it would a property. */
const ROUTE = Symbol("otel-red.route");
const BASE_URL = Symbol("otel-red.baseUrl");

interface RoutedRequest extends IncomingMessage {
  [ROUTE]?: unknown;
  [BASE_URL]?: unknown;
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
  const { path } = value as { path?: unknown };
  return typeof path === "string" || Array.isArray(path) || path instanceof RegExp;
}

/** A router assigns every route on a path to a HEAD request, and finds out afterwards that some answer none. */
function answersHead({ methods }: ExpressRoute): boolean {
  return methods === undefined || Boolean(methods.head || methods.get || methods._all);
}

export interface ExpressObserver {
  /** Puts the prototype back as it was. */
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
  function setRoute(this: RoutedRequest, value: unknown): void {
    this[ROUTE] = value;
    try {
      const request = inFlightOf(this);
      if (request === undefined || !isExpressRoute(value)) return;
      request.framework = true;
      if (this.method === "HEAD" && !answersHead(value)) return;
      request.template = templates.route(this, value, request.mounts);
    } catch (error) {
      onFailure(error);
    }
  }

  /** Hot path (per router that is entered or left). */
  function setBaseUrl(this: RoutedRequest, value: unknown): void {
    this[BASE_URL] = value;
    try {
      // a router sets `next` before it sets `baseUrl`: an application's own `baseUrl` says nothing about routes
      if (typeof value !== "string" || typeof this.next !== "function") return;
      const request = inFlightOf(this);
      if (request === undefined) return;
      request.framework = true;
      if (value !== request.mounts.base) moveTo(request, value, this);
    } catch (error) {
      onFailure(error);
    }
  }

  function moveTo({ mounts }: RequestInFlight, base: string, request: RoutedRequest): void {
    if (!mounts.moveTo(base)) return;
    mounts.describe(templates.told.onEntering(request, request.params, mounts), request.params, request.app);
  }

  const undo = [
    defineAccessor(prototype, "route", ROUTE, setRoute),
    defineAccessor(prototype, "baseUrl", BASE_URL, setBaseUrl),
  ];
  return {
    remove() {
      for (const remove of undo) remove();
    },
  };
}

/**
 * Must not be felt: `undefined` until assigned, afterwards what was assigned, also after we have stood aside (requests
 * under way keep reading by it), and replaceable. An application that has defined such a property itself keeps its own.
 */
function defineAccessor(
  prototype: object,
  name: string,
  slot: symbol,
  set: (this: never, value: unknown) => void,
): () => void {
  if (name in prototype) return () => {};
  let observed = true;
  Object.defineProperty(prototype, name, {
    configurable: true,
    enumerable: false,
    get(this: Record<symbol, unknown>) {
      return this[slot];
    },
    set(this: Record<symbol, unknown>, value: unknown) {
      if (observed) set.call(this as never, value);
      else this[slot] = value;
    },
  });
  return () => {
    observed = false;
  };
}
