/**
 * Routes of Express 4 and 5 and of what is built on them: seen at the router's own assignments to `req.route` and
 * `req.baseUrl`, by accessors on the prototype that all requests share. No module is hooked, so CommonJS, ES modules
 * and bundles are alike.
 *
 * At each `route =` the router is still inside the mount, so the base is right even if an error handler answers later.
 * The last route wins that has not passed the request on (answering-route.ts).
 */
import type { IncomingMessage } from "node:http";
import { inFlightOf } from "../../http/connection.ts";
import type { Framework, Observation } from "../framework.ts";
import { observeProperty } from "../observed-property.ts";
import { outerMountsOf, RouteSource, reportRoute, takeBackRoute } from "../route.ts";
import { isPartOfTinyhttp } from "../tinyhttp.ts";
import type { ExpressRoute } from "./layer.ts";
import { PassingRoutes } from "./passing-routes.ts";
import { RequestMounts } from "./request-mounts.ts";
import { ExpressTemplates } from "./templates.ts";

/** What an application has assigned. */
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
    const passingRoutes = observePassingRoutes(onFailure);
    const createMounts = () => new RequestMounts(templates, passingRoutes);
    const removers: (() => void)[] = [];
    return {
      observeRequests: (prototype) =>
        removers.push(...observeAssignments({ prototype, templates, passingRoutes, createMounts, onFailure })),
      remove() {
        for (const remove of removers) remove();
      },
    };
  },
};

/** What a route does that is watched, from then on. */
function observePassingRoutes(onFailure: Observation["onFailure"]): PassingRoutes {
  return new PassingRoutes({
    onPassedOn(incoming, route) {
      const request = inFlightOf(incoming);
      const mounts = request?.route.outer;
      if (request === undefined || !(mounts instanceof RequestMounts) || request.isAnswered) return;
      const { answering } = mounts;
      if (answering.route !== route || answering.template === undefined) return;
      const { template } = answering;
      const enclosing = answering.passedOn(route);
      const source = enclosing === undefined ? RouteSource.FRAMEWORK : RouteSource.ROUTE;
      takeBackRoute(request, template, source, enclosing);
    },
    onFailed(incoming, route) {
      const mounts = inFlightOf(incoming)?.route.outer;
      if (mounts instanceof RequestMounts) mounts.answering.failed(route);
    },
    onFailure,
  });
}

interface ObservedAssignments {
  /** Of all requests of a protocol. */
  readonly prototype: object;
  readonly templates: ExpressTemplates;
  readonly passingRoutes: PassingRoutes;
  readonly createMounts: () => RequestMounts;
  readonly onFailure: Observation["onFailure"];
}

/** @returns functions that stop observing. The accessors stay: requests under way keep reading by them */
function observeAssignments(observed: ObservedAssignments): (() => void)[] {
  const { prototype, templates, passingRoutes, createMounts, onFailure } = observed;

  /** Hot path (per route that matches). */
  function onRoute(this: RoutedRequest, value: unknown): void {
    try {
      const request = inFlightOf(this);
      if (request === undefined) return;
      const mounts = outerMountsOf(request, createMounts);
      const { answering } = mounts;
      // a router and its route assign the same, one after the other
      if (mounts.route === value) {
        if (answering.route === value) answering.params = this.params;
        return;
      }
      if (request.isAnswered || !isExpressRoute(value)) return;
      mounts.route = value;
      if (isPartOfTinyhttp(value, this.url, request.target)) return;
      if (this.method === "HEAD" && !answersHead(value)) {
        reportRoute(request, RouteSource.FRAMEWORK);
        return;
      }
      const template = templates.route(this, value, mounts);
      answering.meet(value, template, mounts.depth);
      passingRoutes.meet(value);
      reportRoute(request, RouteSource.ROUTE, template);
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
      if (request === undefined || request.isAnswered) return;
      if (request.route.source === RouteSource.NONE) reportRoute(request, RouteSource.FRAMEWORK);
      const mounts = outerMountsOf(request, createMounts);
      mounts.route = undefined;
      if (value !== mounts.base && mounts.moveTo(value, request.target))
        mounts.describe(templates.router23.onEntering(this, this.params, mounts), this.params, this.app);
      if (mounts.answering.route !== undefined) mounts.answering.moved(mounts.depth, this.params);
    } catch (error) {
      onFailure(error);
    }
  }

  return [
    observeProperty(prototype, "route", ROUTE, onRoute),
    observeProperty(prototype, "baseUrl", BASE_URL, onBaseUrl),
  ];
}
