/**
 * Which of the routes that a request has met is answering it: Express tells of a route that matches, not of one that has
 * passed the request on (`next()`).
 *
 * - A route with a wildcard takes what is not its own, so it often passes requests on. passing-routes.ts watches it from its
 *   first request on, and what it says is exact.
 * - Any other route keeps its requests. If a mount is entered later, or a handler outside of all routes answers, it has
 *   passed this one on, and is watched from then on.
 */
import type { LabelPath } from "../../../view/label-sets.ts";
import type { ExpressRoute } from "./layer.ts";
import type { Params } from "./mounts.ts";

interface Met {
  readonly route: ExpressRoute;
  readonly template: LabelPath;
}

export class AnsweringRoute {
  /** The route that was met last and has not passed the request on. */
  route: ExpressRoute | undefined;
  /** Its template: it has the mounts in it, as that of another framework has not. */
  template: LabelPath | undefined;
  /** How many mounts deep the request was there, or is, if that is less. */
  depth = 0;
  /** `req.params` as its router has left them. */
  params: unknown;
  /** It has passed on an error: who answers then answers for it. */
  #hasFailed = false;
  /** The request is in a router inside of the route. */
  #isInRouter = false;
  /** The routes around it, or before it. */
  readonly #before: Met[] = [];

  clear(): void {
    this.#take(undefined);
    if (this.#before.length > 0) this.#before.length = 0;
  }

  /** Hot path (per route that matches). @param depth how many mounts deep the request is */
  meet(route: ExpressRoute, template: LabelPath, depth: number): void {
    if (this.route !== undefined && this.template !== undefined)
      this.#before.push({ route: this.route, template: this.template });
    this.#take({ route, template });
    this.depth = depth;
  }

  /** Hot path (per router that is entered or left, once a route has matched). */
  moved(depth: number, params: unknown): void {
    if (depth < this.depth) this.depth = depth;
    else if (depth === this.depth && params === this.params) this.#isInRouter = true;
  }

  /** Takes that a route has passed the request on. @returns the template of the route around it, if there is one */
  passedOn(route: ExpressRoute): LabelPath | undefined {
    if (this.route === route) this.#take(this.#before.pop());
    return this.template;
  }

  failed(route: ExpressRoute): void {
    if (this.route === route) this.#hasFailed = true;
  }

  /**
   * Hot path (per request). The route, if what is answering is something else: a mount that was entered later, or a handler
   * outside of all routes.
   *
   * @param params `req.params` now
   * @param isSuccess whether the answer is a success: any other may be an error handler's, which answers for the route
   */
  leftFor(depth: number, params: unknown, isSuccess: boolean): ExpressRoute | undefined {
    if (this.#hasFailed || (depth <= this.depth && (params === this.params || !isSuccess))) return undefined;
    if (depth > this.depth) return this.route;
    // an application may put parameters of its own in the place of its router's
    return this.params === undefined || this.#isInRouter || hasAny(params, this.params) ? undefined : this.route;
  }

  #take(met: Met | undefined): void {
    this.route = met?.route;
    this.template = met?.template;
    this.params = undefined;
    this.#hasFailed = false;
    this.#isInRouter = false;
  }
}

function hasAny(params: unknown, names: unknown): boolean {
  const all = (params ?? {}) as Params;
  return Object.keys(names as Params).some((name) => name in all);
}
