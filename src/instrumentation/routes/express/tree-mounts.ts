/**
 * The patterns of the mounts that a request has gone through, where the router does not tell them (before Express 5.3):
 * of all ways down through the application's own tree, in the order in which Express tries them, the first that takes
 * what the mounts took.
 */

import { LastResortPattern } from "./last-resort.ts";
import type { ExpressApp, ExpressLayer } from "./layer.ts";
import { mountPatternOf } from "./mount-patterns.ts";
import type { MountPattern, MountShape } from "./mount-shape.ts";
import type { Mounts } from "./mounts.ts";
import { waysTo } from "./tree.ts";

/** Times that the tree is read again for what is met under a mount which is not in it: mounts may be added later. */
const MOST_READINGS = 16;

/** The ways to a target in an application's tree. */
class KnownWays {
  /** By the number of mounts on the way. */
  readonly byDepth: (readonly (readonly MountPattern[])[] | undefined)[] = [];
  readings = 0;
}

export class TreeMounts {
  readonly #ways = new WeakMap<ExpressApp, WeakMap<object, KnownWays>>();
  readonly #mountPatterns = new WeakMap<ExpressLayer, MountPattern>();
  /** By the number of mounts above. */
  readonly #lastResorts = new WeakMap<object, (LastResortPattern | undefined)[]>();
  readonly #shapes: MountShape[] = [];

  /**
   * Hot path (per route that matches under a mount, before Express 5.3). Afterwards all mounts have a pattern.
   *
   * @param target the route, or the application where a handler in it has answered
   * @param app the application that the request is in
   */
  complete(target: object, app: ExpressApp | undefined, mounts: Mounts): void {
    let from = 0;
    while (from < mounts.depth) {
      const mountedIn = mounts.app(from) as ExpressApp | undefined;
      let to = from + 1;
      while (to < mounts.depth && mounts.app(to) === mountedIn) to++;
      const isLast = to === mounts.depth && mountedIn === app;
      if (lacksPattern(mounts, from, to)) this.#completeIn(mountedIn, isLast ? target : mountedIn, mounts, from, to);
      for (let level = from; level < to; level++) this.#completeByLastResort(target, mounts, level);
      from = to;
    }
  }

  #completeIn(app: ExpressApp | undefined, target: object | undefined, mounts: Mounts, from: number, to: number): void {
    if (app === undefined || target === undefined) return;
    try {
      const known = this.#known(app, target);
      if (this.#take(known.byDepth[to - from], mounts, from) || known.readings >= MOST_READINGS) return;
      known.readings++;
      const isTarget = target === app ? isHandler : (layer: ExpressLayer) => layer.route === target;
      const ways = waysTo(app, to - from, isTarget).map((way) => way.map(this.#mountPattern));
      known.byDepth[to - from] = ways;
      this.#take(ways, mounts, from);
    } catch {
      // a tree that is not built as we know it
    }
  }

  #completeByLastResort(target: object, mounts: Mounts, level: number): void {
    if (mounts.pattern(level) !== undefined) return;
    const patterns = this.#lastResorts.get(target) ?? [];
    const pattern = patterns[level] ?? new LastResortPattern();
    patterns[level] = pattern;
    this.#lastResorts.set(target, patterns);
    mounts.setPattern(level, pattern.shapeOf(mounts.part(level), mounts.params(level)));
  }

  #known(app: ExpressApp, target: object): KnownWays {
    let inApp = this.#ways.get(app);
    if (inApp === undefined) {
      inApp = new WeakMap();
      this.#ways.set(app, inApp);
    }
    let known = inApp.get(target);
    if (known === undefined) {
      known = new KnownWays();
      inApp.set(target, known);
    }
    return known;
  }

  /** Hot path (as above). The first way that the request can have taken from this level on, if any. */
  #take(ways: KnownWays["byDepth"][number], mounts: Mounts, from: number): boolean {
    if (ways === undefined) return false;
    for (let i = 0; i < ways.length; i++) {
      const way = ways[i] as readonly MountPattern[];
      if (!this.#hasShapes(way, mounts, from)) continue;
      for (let j = 0; j < way.length; j++) mounts.setPattern(from + j, this.#shapes[j]);
      return true;
    }
    return false;
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

  readonly #mountPattern = (layer: ExpressLayer): MountPattern => {
    let pattern = this.#mountPatterns.get(layer);
    if (pattern === undefined) {
      pattern = mountPatternOf(layer);
      this.#mountPatterns.set(layer, pattern);
    }
    return pattern;
  };
}

function lacksPattern(mounts: Mounts, from: number, to: number): boolean {
  for (let level = from; level < to; level++) if (mounts.pattern(level) === undefined) return true;
  return false;
}

/** Answers itself, or hands over to what the tree does not show: a mounted application, a router in a function. */
function isHandler(layer: ExpressLayer): boolean {
  return !layer.route && layer.handle?.stack === undefined;
}
