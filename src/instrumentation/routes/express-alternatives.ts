/**
 * Routes with several paths (`app.get(["/a", "/b/:id"], …)`): which of them a request has taken.
 *
 * Express does not tell, so each path is compiled by itself, by the very class that has compiled the route.
 */
import type { ExpressRoute } from "./express.ts";
import type { Layer } from "./express-layers.ts";

interface Alternative {
  readonly path: string | RegExp;
  readonly takes: (path: string) => boolean;
}

interface CompiledRoute {
  readonly alternatives: readonly Alternative[];
  /** Where it cannot be told which one it is: all of them. */
  readonly all: { readonly path: string };
}

type LayerClass = new (path: string | RegExp, options: object, handler: () => void) => Layer;

export class RouteAlternatives {
  readonly #compiled = new WeakMap<ExpressRoute, CompiledRoute>();

  /** Always the same object for the same path of a route. @param url `req.url` as the route sees it */
  matching(route: ExpressRoute, url: string): { readonly path: string | RegExp } {
    let compiled = this.#compiled.get(route);
    if (compiled === undefined) {
      compiled = compile(route);
      this.#compiled.set(route, compiled);
    }
    const query = url.indexOf("?");
    const path = query === -1 ? url : url.slice(0, query);
    return compiled.alternatives.find((alternative) => alternative.takes(path)) ?? compiled.all;
  }
}

function compile(route: ExpressRoute): CompiledRoute {
  const paths = [route.path].flat(Number.POSITIVE_INFINITY as 1) as (string | RegExp)[];
  const Layer = (route as { stack?: readonly object[] }).stack?.[0]?.constructor as LayerClass | undefined;
  return {
    alternatives: Layer === undefined ? [] : paths.map((path) => ({ path, takes: matcher(Layer, path) })),
    all: { path: paths.join(",") },
  };
}

function matcher(Layer: LayerClass, path: string | RegExp): (path: string) => boolean {
  if (path instanceof RegExp) return (taken) => new RegExp(path.source, path.flags.replace(/[gy]/g, "")).test(taken);
  const { regexp, matchers } = new Layer(path, { end: true, sensitive: false, strict: false }, () => {});
  if (regexp !== undefined) return (taken) => regexp.test(taken);
  return (taken) => Boolean(matchers?.[0]?.(taken));
}
