/**
 * Routes with several paths (`app.get(["/a", "/b/:id"], …)`): which of them a request has taken.
 *
 * Express does not tell, so each path is compiled by itself, by the very class that has compiled the route.
 */
import type { ExpressLayer, ExpressRoute } from "./layer.ts";

interface Alternative {
  readonly path: string | RegExp;
  readonly takes: (path: string) => boolean;
}

interface CompiledRoute {
  readonly alternatives: readonly Alternative[];
  /** Where it cannot be told which one it is: all of them. */
  readonly all: { readonly path: string };
}

type LayerClass = new (path: string | RegExp, options: object, handler: () => void) => ExpressLayer;

export class RouteAlternatives {
  readonly #compiled = new WeakMap<ExpressRoute, CompiledRoute>();

  /** Always the same object for the same path of a route. @param url `req.url` as the route sees it */
  matching(route: ExpressRoute, url: string): { readonly path: string | RegExp } {
    let compiled = this.#compiled.get(route);
    if (compiled === undefined) {
      compiled = compile(route);
      this.#compiled.set(route, compiled);
    }
    const path = pathOf(url);
    for (const alternative of compiled.alternatives) if (alternative.takes(path)) return alternative;
    return compiled.all;
  }
}

/** `http://host` of a target in absolute form, as a proxy's client sends it: routers leave it in front. */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;

/** The path of a URL as routers match it. */
export function pathOf(url: string): string {
  const query = url.indexOf("?");
  const path = query === -1 ? url : url.slice(0, query);
  return path.charCodeAt(0) === 47 /* "/" */ ? path : path.replace(ORIGIN, "");
}

function compile(route: ExpressRoute): CompiledRoute {
  const paths = [route.path].flat(Number.POSITIVE_INFINITY as 1) as (string | RegExp)[];
  const all = { path: paths.join(",") };
  try {
    const Layer = (route as { stack?: readonly object[] }).stack?.[0]?.constructor as LayerClass | undefined;
    if (Layer === undefined) return { alternatives: [], all };
    return { alternatives: paths.map((path) => ({ path, takes: matcher(Layer, path) })), all };
  } catch {
    // no route that is built as we know it
    return { alternatives: [], all };
  }
}

function matcher(Layer: LayerClass, path: string | RegExp): (path: string) => boolean {
  // a copy: the original's `lastIndex` is Express's
  const own = path instanceof RegExp ? new RegExp(path.source, path.flags.replace(/[gy]/g, "")) : undefined;
  if (own !== undefined) return (taken) => own.test(taken);
  const { regexp, matchers } = new Layer(path, { end: true, sensitive: false, strict: false }, () => {});
  if (regexp !== undefined) return (taken) => regexp.test(taken);
  return (taken) => Boolean(matchers?.[0]?.(taken));
}
