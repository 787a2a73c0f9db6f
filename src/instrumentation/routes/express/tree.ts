/**
 * An Express application's own tree of routers. Read where the router does not tell a mount's pattern (before Express 5.3).
 */
import type { ExpressApp, ExpressLayer } from "./layer.ts";

/** The mounts that a way goes through, from the top down; what is mounted at "/" takes nothing of a path and is left out. */
export type Way = readonly ExpressLayer[];

/** Layers that are looked at: routers that are mounted in many places, or in themselves, multiply. */
const MOST_LAYERS = 20_000;
/** Deeper than anyone nests routers; a router can be mounted in itself. */
const MOST_NESTED = 32;

interface Search {
  readonly depth: number;
  readonly route: unknown;
  readonly ways: Way[];
  layersLeft: number;
}

/**
 * All ways through `depth` mounts to a route, in the order in which Express tries them. None where the tree does not show
 * them: a router in a function of the application's own, an application in another.
 */
export function waysTo(app: ExpressApp, depth: number, route: unknown): Way[] {
  const search: Search = { depth, route, ways: [], layersLeft: MOST_LAYERS };
  descend(search, stackOf(app), [], 0);
  return search.ways;
}

function descend(search: Search, stack: readonly ExpressLayer[] | undefined, above: Way, nested: number): void {
  if (stack === undefined || nested > MOST_NESTED) return;
  for (const layer of stack) {
    if (search.layersLeft-- <= 0) return;
    if (layer.route) {
      if (above.length === search.depth && layer.route === search.route) search.ways.push(above);
      continue;
    }
    const way = isAtRoot(layer) ? above : [...above, layer];
    if (way.length <= search.depth) descend(search, layer.handle?.stack, way, nested + 1);
  }
}

/** The mounts of an application, or (with `mount`) those right below one of its mounts, in the order in which Express tries them. */
export function mountsIn(app: ExpressApp, mount?: ExpressLayer): ExpressLayer[] {
  const mounts: ExpressLayer[] = [];
  gather(mounts, mount === undefined ? stackOf(app) : mount.handle?.stack, { layersLeft: MOST_LAYERS }, 0);
  return mounts;
}

function gather(
  mounts: ExpressLayer[],
  stack: readonly ExpressLayer[] | undefined,
  search: Pick<Search, "layersLeft">,
  nested: number,
): void {
  if (stack === undefined || nested > MOST_NESTED) return;
  for (const layer of stack) {
    if (search.layersLeft-- <= 0) return;
    if (layer.route) continue;
    if (isAtRoot(layer)) gather(mounts, layer.handle?.stack, search, nested + 1);
    else mounts.push(layer);
  }
}

function stackOf(app: ExpressApp): readonly ExpressLayer[] | undefined {
  return app._router?.stack ?? app.router?.stack;
}

function isAtRoot(layer: ExpressLayer): boolean {
  return layer.slash === true || layer.regexp?.fast_slash === true;
}
