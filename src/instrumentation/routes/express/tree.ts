/**
 * The ways through an Express application's own tree of routers, from its top down to a route. Read when a route is met
 * under a mount for the first time, and only where the router does not tell the mounts' patterns (before Express 5.3).
 */
import type { ExpressApp, ExpressLayer } from "./layer.ts";

/** The mounts that a way goes through, from the top down; what is mounted at "/" takes nothing of a path and is left out. */
export type Way = readonly ExpressLayer[];

interface Search {
  readonly depth: number;
  readonly isTarget: (layer: ExpressLayer) => boolean;
  readonly ways: Way[];
  /** Layers that may still be looked at: routers that are mounted in many places, or in themselves, multiply. */
  layersLeft: number;
}

const MOST_LAYERS = 20_000;
/** Deeper than anyone nests routers; a router can be mounted in itself. */
const MOST_NESTED = 32;

/**
 * All ways through `depth` mounts to the layers that `isTarget` names, in the order in which Express tries them.
 * None where the tree does not show them: a router in a function of the application's own, an application in another.
 */
export function waysTo(app: ExpressApp, depth: number, isTarget: (layer: ExpressLayer) => boolean): Way[] {
  const search: Search = { depth, isTarget, ways: [], layersLeft: MOST_LAYERS };
  descend(search, app._router?.stack ?? app.router?.stack, [], 0);
  return search.ways;
}

function descend(search: Search, stack: readonly ExpressLayer[] | undefined, above: Way, nested: number): void {
  if (stack === undefined || nested > MOST_NESTED) return;
  for (const layer of stack) {
    if (search.layersLeft-- <= 0) return;
    const way = layer.route || isAtRoot(layer) ? above : [...above, layer];
    if (way.length > search.depth) continue;
    if (way.length === search.depth && search.isTarget(layer)) search.ways.push(way);
    if (!layer.route) descend(search, layer.handle?.stack, way, nested + 1);
  }
}

function isAtRoot(layer: ExpressLayer): boolean {
  return layer.slash === true || layer.regexp?.fast_slash === true;
}
