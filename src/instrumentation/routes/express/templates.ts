/**
 * The templates of Express's routes: the patterns of the mounts on the way, then the route's own.
 *
 * A route that was met before is recognised by what its mounts' patterns are, without building a string; what is new is
 * worked out once and kept with its Route object.
 */
import type { IncomingMessage } from "node:http";
import type { LabelPath, LabelSets } from "../../../view/label-sets.ts";
import type { ExpressApp, ExpressRoute } from "./layer.ts";
import { patternText } from "./mount-patterns.ts";
import type { MountShape } from "./mount-shape.ts";
import type { Mounts } from "./mounts.ts";
import { RouteAlternatives } from "./route-paths.ts";
import { Router23Mounts } from "./router-2-3-mounts.ts";
import { TreeMounts } from "./tree-mounts.ts";

type ExpressRequest = IncomingMessage & { readonly app?: ExpressApp };
type Key = string | RegExp | MountShape;

/** The templates of a route, by the mounts on the way, from the top down. */
class TemplateNode {
  path: LabelPath | undefined;
  readonly #below = new Map<Key, TemplateNode>();

  /** Hot path. */
  get(key: unknown): TemplateNode | undefined {
    return this.#below.get(key as Key);
  }

  add(key: Key): TemplateNode {
    const node = this.#below.get(key) ?? new TemplateNode();
    this.#below.set(key, node);
    return node;
  }
}

export class ExpressTemplates {
  readonly router23 = new Router23Mounts();
  readonly #treeMounts = new TreeMounts();
  readonly #labelSets: LabelSets;
  readonly #alternatives = new RouteAlternatives();
  readonly #templates = new WeakMap<object, TemplateNode>();

  constructor(labelSets: LabelSets) {
    this.#labelSets = labelSets;
  }

  /** Hot path (per route that matches). */
  route(request: IncomingMessage, route: ExpressRoute, mounts: Mounts): LabelPath {
    const owner = Array.isArray(route.path) ? this.#alternatives.matching(route, request.url ?? "") : route;
    const known = this.#find(owner, mounts);
    if (known !== undefined) return known;
    this.#treeMounts.complete(request, mounts, route, route);
    return this.#find(owner, mounts) ?? this.#learn(request, owner, ownPath(owner.path), mounts);
  }

  /** The mount that a request is in, without a route: `/files/*`. */
  mount(request: IncomingMessage, mounts: Mounts): LabelPath {
    const owner = this.#completeMount(request, mounts);
    return this.#find(owner, mounts) ?? this.#learn(request, owner, "/*", mounts);
  }

  /** The route of another framework that is in a mount of Express's. */
  below(request: IncomingMessage, mounts: Mounts, route: LabelPath): LabelPath {
    this.#completeMount(request, mounts);
    return this.#find(route, mounts) ?? this.#learn(request, route, route.value, mounts);
  }

  /** What is mounted in an application is as bounded as the mounts of a route, and kept with the application. */
  #completeMount(request: IncomingMessage, mounts: Mounts): object {
    const owner = (request as ExpressRequest).app ?? this.#labelSets;
    this.#treeMounts.complete(request, mounts, owner);
    return owner;
  }

  /** Hot path (per route that matches). */
  #find(owner: object, mounts: Mounts): LabelPath | undefined {
    let node = this.#templates.get(owner);
    for (let level = 0; level < mounts.depth && node !== undefined; level++) node = node.get(mounts.pattern(level));
    return node?.path;
  }

  /** @param own the last piece of the template */
  #learn(request: IncomingMessage, owner: object, own: string, mounts: Mounts): LabelPath {
    this.router23.search(request);
    let node = this.#templates.get(owner) ?? new TemplateNode();
    this.#templates.set(owner, node);
    let label = "";
    for (let level = 0; level < mounts.depth; level++) {
      const key = mounts.pattern(level) as Key;
      label += labelOf(key);
      node = node.add(key);
    }
    node.path = this.#labelSets.template(joined(label, own));
    return node.path;
  }
}

/** What express-ws appends to the routes of `app.ws()`. https://github.com/HenningM/express-ws#usage */
const WEB_SOCKET = "/.websocket";

function ownPath(path: ExpressRoute["path"]): string {
  const own = String(path);
  return own.endsWith(WEB_SOCKET) ? own.slice(0, -WEB_SOCKET.length) || "/" : own;
}

function labelOf(key: Key): string {
  return typeof key === "string" || key instanceof RegExp ? patternText(key) : key.label;
}

/** Express 4 takes a `*` without a slash for a path, too. */
function joined(mounts: string, own: string): string {
  if (mounts === "") return own;
  if (own === "/") return mounts;
  return own.startsWith("*") ? `${mounts}/${own}` : mounts + own;
}
