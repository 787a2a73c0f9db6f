/**
 * Routes of polka 0.5 and 1: its router is asked for the handlers of each request, and a handler of ours is put in front
 * of those of a route. https://github.com/lukeed/polka#routing
 */
import type { IncomingMessage } from "node:http";
import { inFlightOf, latestRequest } from "../http/connection.ts";
import type { Framework, Observation } from "./framework.ts";
import { parsedPattern } from "./polka-patterns.ts";
import { RouteSource, reportRoute } from "./route.ts";
import { type RouteTemplates, templatesBelow } from "./route-templates.ts";
import { type Method, type Undo, wrapMethod } from "./wrapped-method.ts";

type Request = IncomingMessage & { readonly originalUrl?: string };
type Handler = (request: Request, response: unknown, next: () => unknown) => unknown;

/** A route of polka 1: without its pattern as it was written. */
interface Route {
  readonly keys: readonly string[] | false;
  readonly pattern: RegExp;
  handlers: readonly Handler[];
}

interface Router {
  /** Of polka 1 a list, of polka 0.5 a table that has no handlers. */
  readonly routes?: unknown;
  /** Of polka 0.5, by method and pattern. */
  readonly handlers?: Readonly<Record<string, Readonly<Record<string, readonly Handler[]>>>>;
}

interface Found {
  readonly params: unknown;
  readonly handlers: readonly Handler[];
}

export const polka: Framework = {
  files: [
    { package: "polka", file: "index.js", format: "commonjs", observe },
    { package: "polka", file: "build.js", format: "commonjs", observe },
    { package: "polka", file: "build.mjs", format: "module", observe },
  ],
  bundle: { name: "polka", marks: [/\.onNoMatch\s*=/, /\.originalUrl\s*=/, /\b_parsedUrl\b/] },
};

function observe(exports: unknown, observation: Observation): Undo {
  const create = typeof exports === "function" ? exports : (exports as { default?: unknown }).default;
  if (typeof create !== "function") return undefined;
  // the class is not exported
  const prototype = Object.getPrototypeOf(create()) as object;
  return wrapMethod(prototype, "find", wrapFind(new PolkaRoutes(observation), observation.onFailure));
}

function wrapFind(routes: PolkaRoutes, onFailure: (error: unknown) => void) {
  return (find: Method): Method =>
    function (this: Router, ...args: never[]) {
      try {
        const [, path] = args as string[];
        // called at once by the listener of the server, but for an application in another one
        const request = latestRequest();
        if (path !== undefined && request?.target.startsWith(path)) reportRoute(request, RouteSource.FRAMEWORK);
        if (Array.isArray(this.routes)) routes.seeAll(this.routes as Route[]);
      } catch (error) {
        onFailure(error);
      }
      const found = find.apply(this as never, args) as Found | false;
      return Array.isArray(this.routes) ? found : routes.noted(this, found);
    };
}

class PolkaRoutes {
  readonly #onFailure: (error: unknown) => void;
  /** How many routes of a router have our handler in front of theirs. */
  readonly #seen = new WeakMap<readonly Route[], number>();
  readonly #noted = new WeakMap<object, readonly Handler[]>();
  /** The templates of routes, by what was taken from the path in front of their router. */
  readonly #below: (base: string) => RouteTemplates;

  constructor({ labelSets, onFailure }: Observation) {
    this.#below = templatesBelow(labelSets);
    this.#onFailure = onFailure;
  }

  /** Hot path (per request). Of polka 1: what is new among the routes. */
  seeAll(routes: readonly Route[]): void {
    for (let i = this.#seen.get(routes) ?? 0; i < routes.length; i++) {
      this.#seen.set(routes, i + 1);
      const route = routes[i];
      if (!(route?.pattern instanceof RegExp) || !Array.isArray(route.handlers)) continue;
      const { text, isMount } = parsedPattern(route.pattern, route.keys);
      if (!isMount) route.handlers = [this.#note(route, text), ...route.handlers];
    }
  }

  /** Hot path (per request). Of polka 0.5: the same route always has the same list of handlers. */
  noted(router: Router, found: Found | false): Found | false {
    if (!found) return found;
    try {
      const handlers = this.#noted.get(found.handlers) ?? this.#learn(router, found.handlers);
      return handlers === undefined ? found : { ...found, handlers };
    } catch (error) {
      this.#onFailure(error);
      return found;
    }
  }

  #learn(router: Router, handlers: readonly Handler[]): readonly Handler[] | undefined {
    const pattern = patternOf(router, handlers);
    if (pattern === undefined) return undefined;
    const noted = [this.#note(handlers, pattern), ...handlers];
    this.#noted.set(handlers, noted);
    return noted;
  }

  #note(route: object, pattern: string): Handler {
    return (request, _response, next) => {
      try {
        const inFlight = inFlightOf(request);
        if (inFlight !== undefined) {
          const base = request.originalUrl === request.url ? "" : mountOf(request);
          reportRoute(inFlight, RouteSource.ROUTE, this.#below(base)(route, pattern));
        }
      } catch (error) {
        this.#onFailure(error);
      }
      return next();
    };
  }
}

/** What the mounts on the way, which are literal, have taken from the path. */
function mountOf({ originalUrl = "", url = "" }: Request): string {
  const [whole = ""] = originalUrl.split("?", 1);
  const [rest = ""] = url.split("?", 1);
  if (whole.endsWith(rest)) return whole.slice(0, whole.length - rest.length);
  return rest === "/" ? whole : "";
}

function patternOf({ handlers: byMethod = {} }: Router, handlers: readonly Handler[]): string | undefined {
  for (const byPattern of Object.values(byMethod))
    for (const [pattern, each] of Object.entries(byPattern))
      if (each === handlers) return pattern.startsWith("/") ? pattern : `/${pattern}`;
  return undefined;
}
