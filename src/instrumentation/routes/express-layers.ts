/**
 * Finds the chain of mounts that leads to a route in an Express application's own tree of routers, and reads the
 * pattern of each mount from its layer. Runs when a route is met under a mount for the first time, not per request.
 *
 * What a layer tells depends on the version: the pattern itself (router 2.3, Express 5.3, on), a compiled regular
 * expression and its keys (Express 4), or only functions that match (router 2.0 to 2.2).
 */
import type { Mounts } from "./mounts.ts";

type Pattern = string | RegExp;

/** Express's internals, as far as they are used; every property may be missing in a version we do not know. */
export interface Layer {
  readonly handle?: { readonly stack?: readonly Layer[] };
  readonly name?: string;
  readonly route?: unknown;
  /** Express 4. */
  readonly regexp?: RegExp & { readonly fast_slash?: boolean };
  readonly keys?: readonly { readonly name: string | number }[];
  /** router 2. */
  readonly slash?: boolean;
  readonly matchers?: readonly ((
    path: string,
  ) => false | { readonly path: string; readonly params: Readonly<Record<string, unknown>> })[];
  /** router 2.3 on. */
  readonly rawPath?: Pattern | readonly Pattern[];
}

export interface ExpressApp {
  /** Express 4. */
  readonly _router?: { readonly stack?: readonly Layer[] };
  /** Express 5; in Express 4 a getter that throws. */
  readonly router?: { readonly stack?: readonly Layer[] };
  readonly parent?: ExpressApp;
}

/** A piece of a path: text that stands there literally, or what some value took, as it is written in a template. */
export type Piece =
  | { readonly literal: string }
  | { readonly variable: string; readonly parameter?: string | undefined };

export function parameterPiece(name: string): Piece {
  return { variable: `:${name}`, parameter: name };
}

/** Deeper than anyone nests routers; a router can be mounted in itself. */
const MOST_NESTED = 32;

function stackOf(app: ExpressApp): readonly Layer[] | undefined {
  return app._router?.stack ?? app.router?.stack;
}

/**
 * The layers of all mounts down to the layer that `isTarget` names, one for each level of `mounts`.
 * `undefined` where the tree does not show them: a router behind a function of the application's own.
 */
export function findMountLayers(
  app: ExpressApp,
  mounts: Mounts,
  isTarget: (layer: Layer) => boolean,
): Layer[] | undefined {
  // the innermost application has taken the last levels, the applications it is mounted in the ones before
  for (let level = mounts.depth; level >= 0; level--) {
    const inner = descend(stackOf(app), mounts, level, mounts.depth, isTarget, 0);
    if (inner === undefined) continue;
    if (level === 0 && app.parent === undefined) return inner;
    const outer = app.parent && findOuterLayers(app.parent, mounts, level);
    if (outer !== undefined) return [...outer, ...inner];
  }
  return undefined;
}

function findOuterLayers(app: ExpressApp, mounts: Mounts, end: number): Layer[] | undefined {
  for (let level = end; level >= 0; level--) {
    const inner = descend(stackOf(app), mounts, level, end, isMountedApp, 0);
    if (inner === undefined) continue;
    if (level === 0 && app.parent === undefined) return inner;
    const outer = app.parent && findOuterLayers(app.parent, mounts, level);
    if (outer !== undefined) return [...outer, ...inner];
  }
  return undefined;
}

/** A layer that passes requests on to a router or an application, and answers none itself. */
export function isMounting(layer: Layer): boolean {
  return layer.handle?.stack !== undefined || isMountedApp(layer);
}

/** Express wraps a mounted application in a function of this name. */
function isMountedApp(layer: Layer): boolean {
  return layer.name === "mounted_app";
}

function descend(
  stack: readonly Layer[] | undefined,
  mounts: Mounts,
  level: number,
  end: number,
  isTarget: (layer: Layer) => boolean,
  nested: number,
): Layer[] | undefined {
  if (stack === undefined || nested > MOST_NESTED) return undefined;
  for (const layer of stack) {
    const atRoot = isAtRoot(layer);
    const takesPart = !layer.route && !atRoot && level < end && takes(layer, mounts.part(level));
    const next = takesPart ? level + 1 : level;
    if (next === end && isTarget(layer) && (layer.route || atRoot || takesPart)) return takesPart ? [layer] : [];
    if (layer.route || (!atRoot && !takesPart)) continue;
    const inner = descend(layer.handle?.stack, mounts, next, end, isTarget, nested + 1);
    if (inner !== undefined) return takesPart ? [layer, ...inner] : inner;
  }
  return undefined;
}

/** Mounted at "/": takes nothing of the path. */
function isAtRoot(layer: Layer): boolean {
  return layer.slash === true || layer.regexp?.fast_slash === true;
}

function takes(layer: Layer, part: string): boolean {
  if (layer.regexp !== undefined) return withIndices(layer.regexp).exec(part)?.[0] === part;
  return matchedParams(layer, part) !== undefined;
}

function matchedParams(
  layer: Layer,
  part: string,
): { index: number; params: Readonly<Record<string, unknown>> } | undefined {
  for (const [index, matcher] of (layer.matchers ?? []).entries()) {
    const match = matcher(part);
    if (match !== false && match.path === part) return { index, params: match.params };
  }
  return undefined;
}

/** The pieces of the mount's pattern, laid over the part of the path that it took. */
export function mountPieces(layer: Layer, part: string): Piece[] | Pattern | undefined {
  if (layer.rawPath !== undefined) {
    if (!Array.isArray(layer.rawPath)) return layer.rawPath as Pattern;
    return layer.rawPath[matchedParams(layer, part)?.index ?? 0];
  }
  if (layer.regexp !== undefined) return piecesByIndices(layer.regexp, layer.keys ?? [], part);
  const match = matchedParams(layer, part);
  return match && piecesByProbing(layer, match.params, part);
}

/** How path-to-regexp 0.1 ends what it has compiled from a string; a regular expression is kept as it was given. */
const COMPILED = /\(\?=\\\/\|\$\)$/;

function piecesByIndices(regexp: RegExp, keys: NonNullable<Layer["keys"]>, part: string): Piece[] | RegExp {
  if (!COMPILED.test(regexp.source)) return regexp;
  const groups = withIndices(regexp).exec(part)?.indices ?? [];
  const pieces: Piece[] = [];
  let from = 0;
  for (const [index, key] of keys.entries()) {
    const group = groups[index + 1];
    if (group === undefined || group[0] < from) continue;
    pieces.push(
      { literal: part.slice(from, group[0]) },
      typeof key.name === "number" ? { variable: "*" } : parameterPiece(key.name),
    );
    from = group[1];
  }
  pieces.push({ literal: part.slice(from) });
  return pieces;
}

function withIndices(regexp: RegExp): RegExp {
  return new RegExp(regexp.source, `${regexp.flags.replace(/[gy]/g, "")}d`);
}

/** No segment of a real path is this one. */
const PROBE = "otelredprobe";

/** A parameter is where another value still matches, and arrives under its name. */
function piecesByProbing(layer: Layer, params: Readonly<Record<string, unknown>>, part: string): Piece[] {
  const pieces: Piece[] = [];
  const segments = part.split("/");
  for (const [index, segment] of segments.entries()) {
    if (index > 0) pieces.push({ literal: "/" });
    pieces.push(...probeSegment(layer, params, segments, index, segment));
  }
  return pieces;
}

function probeSegment(
  layer: Layer,
  params: Readonly<Record<string, unknown>>,
  segments: readonly string[],
  index: number,
  segment: string,
): Piece[] {
  for (const [name, value] of Object.entries(params)) {
    if (typeof value !== "string" || value === "") continue;
    for (const written of new Set([segment, value, encodeURIComponent(value)])) {
      const at = segment.indexOf(written);
      if (at === -1) continue;
      const probe = segment.slice(0, at) + PROBE + segment.slice(at + written.length);
      const probed = matchedParams(layer, segments.with(index, probe).join("/"));
      if (probed?.params[name] !== PROBE) continue;
      return [{ literal: segment.slice(0, at) }, parameterPiece(name), { literal: segment.slice(at + written.length) }];
    }
  }
  return [{ literal: segment }];
}
