/**
 * Routes of Koa 2 and 3 with @koa/router, or with its forerunner koa-router: the router leaves the layers that matched in
 * the context, with whole paths, prefixes and nested routers included. https://github.com/koajs/router#nested-routers
 */
import type { IncomingMessage } from "node:http";
import type { LabelPath } from "../../view/label-sets.ts";
import { inFlightOf } from "../in-flight.ts";
import type { Framework, Observation } from "./framework.ts";
import { templatesOf } from "./route-templates.ts";
import { prototypeOf, wrapMethod } from "./wrapped-method.ts";

/** A route, or (without methods) middleware of a router. */
interface Layer {
  readonly path: string | RegExp;
  readonly methods: readonly string[];
}

interface KoaContext {
  readonly req?: IncomingMessage;
  readonly method?: string;
  /** The layers whose path matched, of all routers that were asked. */
  readonly matched?: readonly Layer[];
  /** The path of the layer that was entered last. */
  readonly routerPath?: unknown;
}

export const koa: Framework = {
  commonJs: [{ package: "koa", file: "lib/application.js", observe }],
  esModules: [],
};

function observe(Application: unknown, { labelSets, onFailure }: Observation): () => void {
  const templates = templatesOf(labelSets);

  /** Hot path (per request). */
  function read(kept: object): LabelPath | undefined {
    const { matched, routerPath, method } = kept as KoaContext;
    if (matched === undefined || routerPath === undefined) return undefined;
    const layer = routeAt(matched, method ?? "", routerPath);
    return layer && templates(layer, layer.path);
  }

  return wrapMethod(prototypeOf(Application), "createContext", (createContext) => {
    return function (this: never, ...args: never[]) {
      const context = createContext.apply(this, args) as KoaContext;
      try {
        const request = context.req && inFlightOf(context.req);
        if (request !== undefined) {
          request.framework = true;
          request.kept = context;
          request.routeReader = read;
        }
      } catch (error) {
        onFailure(error);
      }
      return context;
    };
  });
}

/**
 * Hot path (per request). The route with the path that was entered last. Where that was middleware of the router, which
 * has answered in front of a route, it is the one that the router had in mind: the last that matched.
 */
function routeAt(matched: readonly Layer[], method: string, path: unknown): Layer | undefined {
  let last: Layer | undefined;
  for (let i = matched.length - 1; i >= 0; i--) {
    const layer = matched[i] as Layer;
    if (!layer.methods.includes(method)) continue;
    if (layer.path === path) return layer;
    last ??= layer;
  }
  return last;
}
