/**
 * Routes of Koa 2 and 3 with @koa/router, or with koa-router from 7 on: the router leaves the layers that matched in
 * the context, with whole paths, prefixes and nested routers included. https://github.com/koajs/router#nested-routers
 */
import type { IncomingMessage } from "node:http";
import type { LabelPath, LabelSets } from "../../view/label-sets.ts";
import { inFlightOf } from "../http/connection.ts";
import { feathersTemplates } from "./feathers.ts";
import type { Framework, Observation } from "./framework.ts";
import { type AnswerContext, answeringMount, answeringPath, observeMounts, observeRouters } from "./koa-answers.ts";
import { observeLayers } from "./koa-layers.ts";
import { type RouteReader, RouteSource, reportRoute } from "./route.ts";
import { templatesBelow } from "./route-templates.ts";
import { onGet, onReturn, prototypeOf, type Undo, undoAll } from "./wrapped-method.ts";

/** A route, or (without methods) middleware of a router. What another router leaves there may lack any of it. */
interface KoaLayer {
  readonly path: string | RegExp;
  /** What it takes; of `path` in the notation of the router's version. */
  readonly regexp?: RegExp;
  readonly methods?: readonly string[];
}

interface KoaContext extends AnswerContext {
  readonly response?: object;
  readonly req?: IncomingMessage;
  readonly method?: string;
  /** The layers whose path matched, of all routers that were asked. */
  readonly matched?: readonly KoaLayer[];
  /** The path as it is now: without what a mount has taken off, while the request is in it. */
  readonly path?: string;
  /** The target as received. */
  readonly originalUrl?: string;
  /** What koa-mount has taken off the path; it stays when the mount has been left. */
  readonly mountPath?: unknown;
}

/** Of the routers that do not say which layer was entered; most of the others have no such file. */
const LAYERS = { file: "lib/layer.js", format: "commonjs", isOfSomeVersions: true, observe: observeLayers } as const;

export const koa: Framework = {
  files: [
    { package: "koa", file: "lib/application.js", format: "commonjs", observe: observeApplications },
    { package: "koa", file: "lib/context.js", format: "commonjs", observe: observeContexts },
    ...["koa-router", "@koa/router"].map((router) => ({ package: router, ...LAYERS })),
  ],
  bundle: { name: "koa", marks: [/["'`]koa:application["'`]/] },
};

/** Hot path (per request). The context has the route when the request has ended. */
function report(context: KoaContext | undefined, read: RouteReader): void {
  const request = context?.req && inFlightOf(context.req);
  if (request === undefined || context === undefined || request.route.state === context) return;
  reportRoute(request, RouteSource.ROUTE, read, context);
}

function observeApplications(Application: unknown, { labelSets, onFailure }: Observation): Undo {
  const read = routeReader(labelSets);
  const onContext = (context: unknown) => report(context as KoaContext | undefined, read);
  return onReturn(prototypeOf(Application), "createContext", onContext, onFailure);
}

/**
 * Feathers copies the methods of Koa's prototype into its applications, long before we come. However a request ends, Koa
 * first asks its context whether the response is still writable.
 */
function observeContexts(context: object, { labelSets, onFailure }: Observation): Undo {
  const read = routeReader(labelSets);
  const undo = onGet(context, "writable", (context: KoaContext) => report(context, read), onFailure);
  return undo && undoAll([undo, observeRouters(context, onFailure), observeMounts(context, mountNow, onFailure)]);
}

function routeReader(labelSets: LabelSets): RouteReader {
  const below = templatesBelow(labelSets);
  const ofServices = feathersTemplates(labelSets);
  /** Hot path (per request). */
  return (state) => {
    const context = state as KoaContext;
    const { matched, method, mountPath } = context;
    const path = answeringPath(context);
    if (matched === undefined || path === undefined) return ofServices(state) ?? mountLabel(context);
    const layer = routeAt(matched, method ?? "", path);
    if (layer === undefined) return undefined;
    if (typeof mountPath !== "string") return below("")(layer, layer.path);
    return below(mountOf(layer, context, mountPath))(layer, layer.path);
  };

  /** `<mount>/*` of the mount that answers, or that the request is in. */
  function mountLabel(context: KoaContext): LabelPath | undefined {
    const mount = answeringMount(context) ?? mountNow(context);
    return mount === undefined ? undefined : below(mount)(ANYTHING, ANYTHING.path);
  }
}

/** Stands for what is in a mount. */
const ANYTHING = { path: "/*" } as const;

/** What mounts have taken off the path. It comes back when the request leaves them. */
function mountNow({ mountPath, path, originalUrl }: KoaContext): string | undefined {
  if (typeof mountPath !== "string" || path === undefined || originalUrl === undefined) return undefined;
  const [whole = ""] = originalUrl.split("?", 1);
  if (whole.endsWith(path) && whole.length > path.length) return whole.slice(0, -path.length);
  return path === "/" && whole !== path ? whole : undefined;
}

/** A client may repeat a mount in its path as often as it likes. */
const MOST_MOUNTS_TRIED = 16;

/**
 * What stands in front of the path that the route has matched. Mounts are literal, but only the innermost one is left in
 * the context, also when it has passed the request on: so this is nothing where the route takes the whole path.
 */
function mountOf({ regexp }: KoaLayer, { originalUrl = "" }: KoaContext, mountPath: string): string {
  const mount = mountPath.endsWith("/") ? mountPath.slice(0, -1) : mountPath;
  const [path = ""] = originalUrl.split("?", 1);
  if (mount === "" || regexp === undefined || regexp.test(path)) return "";
  let triesLeft = MOST_MOUNTS_TRIED;
  for (let at = path.indexOf(mount); at !== -1 && triesLeft-- > 0; at = path.indexOf(mount, at + 1)) {
    const end = at + mount.length;
    if (regexp.test(path.slice(end) || "/")) return path.slice(0, end);
  }
  return "";
}

/**
 * Hot path (per request). The route with the path that was entered last. Where that was middleware of the router, which
 * has answered in front of a route, it is the one that the router had in mind: the last that matched.
 */
function routeAt(matched: readonly KoaLayer[], method: string, path: unknown): KoaLayer | undefined {
  let last: KoaLayer | undefined;
  for (let i = matched.length - 1; i >= 0; i--) {
    const layer = matched[i];
    if (!Array.isArray(layer?.methods) || !layer.methods.includes(method)) continue;
    if (layer.path === path) return layer;
    last ??= layer;
  }
  return last;
}
