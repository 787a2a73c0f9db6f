/**
 * Routes of Express 4 and 5 and of what is built on them: seen at the router's own assignments to `req.route` and
 * `req.baseUrl`, by accessors on the prototype that all requests share. No module is hooked, so CommonJS, ES modules
 * and bundles are alike.
 *
 * At each `route =` the router is still inside the mount, so the base is right even if an error handler answers later;
 * the last one wins.
 */
import type { IncomingMessage } from "node:http";
import { inFlightOf } from "../../http/connection.ts";
import type { Framework, Observation } from "../framework.ts";
import { outerMountsOf, RouteSource, reportRoute } from "../route.ts";
import { isPartOfTinyhttp } from "../tinyhttp.ts";
import type { ExpressRoute } from "./layer.ts";
import { RequestMounts } from "./request-mounts.ts";
import { ExpressTemplates } from "./templates.ts";

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

/** Both protocols share the templates: an application may serve both. */
export const express: Framework = {
  observe({ labelSets, onFailure }) {
    const templates = new ExpressTemplates(labelSets);
    const removers: (() => void)[] = [];
    return {
      observeRequests: (prototype) => removers.push(...observeAssignments(prototype, templates, onFailure)),
      remove() {
        for (const remove of removers) remove();
      },
    };
  },
};

/** @returns functions that stop observing. The accessors stay: requests under way keep reading by them */
function observeAssignments(
  prototype: object,
  templates: ExpressTemplates,
  onFailure: Observation["onFailure"],
): (() => void)[] {
  const createMounts = () => new RequestMounts(templates);

  /** Hot path (per route that matches). */
  function onRoute(this: RoutedRequest, value: unknown): void {
    try {
      const request = inFlightOf(this);
      if (request === undefined) return;
      const mounts = outerMountsOf(request, createMounts);
      // a router and its route assign the same, one after the other
      if (mounts.route === value || !isExpressRoute(value)) return;
      mounts.route = value;
      if (isPartOfTinyhttp(value, this.url, request.target)) return;
      if (this.method === "HEAD" && !answersHead(value)) {
        reportRoute(request, RouteSource.FRAMEWORK);
        return;
      }
      mounts.template = templates.route(this, value, mounts);
      reportRoute(request, RouteSource.ROUTE, mounts.template);
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
      if (request.route.source === RouteSource.NONE) reportRoute(request, RouteSource.FRAMEWORK);
      const mounts = outerMountsOf(request, createMounts);
      mounts.route = undefined;
      if (value !== mounts.base && mounts.moveTo(value, request.target))
        mounts.describe(templates.router23.onEntering(this, this.params, mounts), this.params, this.app);
    } catch (error) {
      onFailure(error);
    }
  }

  return [
    defineAccessor(prototype, "route", ROUTE, onRoute),
    defineAccessor(prototype, "baseUrl", BASE_URL, onBaseUrl),
  ];
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
