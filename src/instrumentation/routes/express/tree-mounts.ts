/**
 * The patterns of the mounts that a request has gone through, where the router does not tell them (before Express 5.3), from
 * the application's own tree.
 *
 * - A route that is in the tree once has only one way to it.
 * - Otherwise each mount is proven. Express tries mounts in order. So the mounts that take the same part of this very path are
 *   entered one after the other, and how many of them have passed the request on tells which one it is in.
 */
import type { IncomingMessage } from "node:http";
import { LastResortPattern } from "./last-resort.ts";
import type { ExpressApp, ExpressLayer } from "./layer.ts";
import { mountPatternOf } from "./mount-patterns.ts";
import type { MountPattern, MountShape } from "./mount-shape.ts";
import type { Mounts } from "./mounts.ts";
import { Place } from "./place.ts";
import { pathOf } from "./route-paths.ts";
import { waysTo } from "./tree.ts";

/** Times that the tree is read again for a route which is not in it: routers may be mounted later. */
const MOST_READINGS = 16;

type Request = IncomingMessage & { readonly app?: ExpressApp; readonly originalUrl?: string };

/** The ways to a route in an application's tree. */
class KnownWays {
  /** By the number of mounts on the way. */
  readonly byDepth: (readonly (readonly MountPattern[])[] | undefined)[] = [];
  readings = 0;
}

export class TreeMounts {
  readonly #ways = new WeakMap<ExpressApp, WeakMap<object, KnownWays>>();
  readonly #places = new WeakMap<ExpressApp, Place>();
  readonly #mountPatterns = new WeakMap<ExpressLayer, MountPattern>();
  /** By the number of mounts above. */
  readonly #lastResorts = new WeakMap<object, (LastResortPattern | undefined)[]>();
  readonly #shapes: (MountShape | undefined)[] = [];

  /**
   * Hot path (per route that matches under a mount, before Express 5.3). Afterwards all mounts have a pattern.
   *
   * @param owner the route, or what stands for the application where a handler in it answers
   * @param route the route, if there is one
   */
  complete(request: Request, mounts: Mounts, owner: object, route?: object): void {
    let from = 0;
    while (from < mounts.depth) {
      const mountedIn = mounts.app(from) as ExpressApp | undefined;
      let to = from + 1;
      while (to < mounts.depth && mounts.app(to) === mountedIn) to++;
      if (lacksPattern(mounts, from, to) && mountedIn !== undefined) {
        const isLast = to === mounts.depth && mountedIn === request.app;
        this.#completeIn(mountedIn, isLast ? route : undefined, request, mounts, from, to);
      }
      for (let level = from; level < to; level++) this.#completeByLastResort(owner, mounts, level);
      from = to;
    }
  }

  #completeIn(
    app: ExpressApp,
    route: object | undefined,
    request: Request,
    mounts: Mounts,
    from: number,
    to: number,
  ): void {
    try {
      if (route !== undefined && this.#takeOnlyWay(app, route, mounts, from, to)) return;
      const path = pathOfRequest(request, mounts.base);
      let place = this.#placeOf(app);
      for (let level = from; level < to; level++) {
        const part = mounts.part(level);
        const mount = place.mountFor(path.slice(mounts.start(level)), part, mounts.passedOnBefore(level));
        if (mount === undefined) return;
        if (mounts.pattern(level) === undefined)
          mounts.setPattern(level, mount.pattern.shapeOf(part, mounts.params(level)));
        place = mount.place;
      }
    } catch {
      // a tree that is not built as we know it
    }
  }

  /** Hot path (as above). False where there is no way to the route that the request can have taken, or more than one. */
  #takeOnlyWay(app: ExpressApp, route: object, mounts: Mounts, from: number, to: number): boolean {
    const known = this.#known(app, route);
    const taken = this.#take(known.byDepth[to - from], mounts, from);
    if (taken !== undefined || known.readings >= MOST_READINGS) return taken === true;
    known.readings++;
    const ways = waysTo(app, to - from, route).map((way) => way.map(this.#mountPattern));
    known.byDepth[to - from] = ways;
    return this.#take(ways, mounts, from) === true;
  }

  /** Hot path (as above). `undefined` for no way, false for several. */
  #take(ways: KnownWays["byDepth"][number], mounts: Mounts, from: number): boolean | undefined {
    if (ways === undefined) return undefined;
    let taken: readonly MountPattern[] | undefined;
    for (let i = 0; i < ways.length; i++) {
      const way = ways[i] as readonly MountPattern[];
      if (!this.#hasShapes(way, mounts, from)) continue;
      if (taken !== undefined) return false;
      taken = way;
    }
    if (taken === undefined) return undefined;
    if (ways.length > 1) this.#hasShapes(taken, mounts, from);
    for (let j = 0; j < taken.length; j++) mounts.setPattern(from + j, this.#shapes[j]);
    return true;
  }

  #hasShapes(way: readonly MountPattern[], mounts: Mounts, from: number): boolean {
    for (let j = 0; j < way.length; j++) {
      const level = from + j;
      const shape = (way[j] as MountPattern).shapeOf(mounts.part(level), mounts.params(level));
      if (shape === undefined) return false;
      this.#shapes[j] = shape;
    }
    return true;
  }

  #completeByLastResort(owner: object, mounts: Mounts, level: number): void {
    if (mounts.pattern(level) !== undefined) return;
    const patterns = this.#lastResorts.get(owner) ?? [];
    const pattern = patterns[level] ?? new LastResortPattern();
    patterns[level] = pattern;
    this.#lastResorts.set(owner, patterns);
    mounts.setPattern(level, pattern.shapeOf(mounts.part(level), mounts.params(level)));
  }

  #placeOf(app: ExpressApp): Place {
    let place = this.#places.get(app);
    if (place === undefined) {
      place = new Place(this.#mountPattern, app);
      this.#places.set(app, place);
    }
    return place;
  }

  #known(app: ExpressApp, route: object): KnownWays {
    let inApp = this.#ways.get(app);
    if (inApp === undefined) {
      inApp = new WeakMap();
      this.#ways.set(app, inApp);
    }
    let known = inApp.get(route);
    if (known === undefined) {
      known = new KnownWays();
      inApp.set(route, known);
    }
    return known;
  }

  readonly #mountPattern = (layer: ExpressLayer): MountPattern => {
    let pattern = this.#mountPatterns.get(layer);
    if (pattern === undefined) {
      pattern = mountPatternOf(layer);
      this.#mountPatterns.set(layer, pattern);
    }
    return pattern;
  };
}

/** The path of a request as its routers have matched it. An application may have rewritten the URL, before or after. */
function pathOfRequest({ originalUrl = "", url = "" }: Request, base: string): string {
  const path = pathOf(originalUrl);
  return path.startsWith(base) ? path : base + pathOf(url);
}

function lacksPattern(mounts: Mounts, from: number, to: number): boolean {
  for (let level = from; level < to; level++) if (mounts.pattern(level) === undefined) return true;
  return false;
}
