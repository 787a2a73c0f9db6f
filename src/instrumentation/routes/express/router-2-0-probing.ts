/**
 * The pattern of a mount that can only be asked whether it matches (router 2.0 to 2.2): where another value still
 * matches and arrives under a parameter's name, there is that parameter; everything else is literal.
 */

import type { ExpressLayer, LayerMatch } from "./layer.ts";
import type { Piece } from "./mount-shape.ts";

export interface MatchedPath extends LayerMatch {
  /** Which of the layer's paths it was. */
  readonly index: number;
}

/** No segment of a real path is this one. */
const PROBE = "otelredprobe";
/** All parts of a longer segment are too many to try. */
const MAX_SEGMENT_CHARS = 80;

/** How the layer matches all of this part of a path. */
export function matchPath(layer: ExpressLayer, part: string): MatchedPath | undefined {
  const matchers = layer.matchers ?? [];
  for (let index = 0; index < matchers.length; index++) {
    const match = matchers[index]?.(part);
    if (match && match.path === part) return { index, path: match.path, params: match.params };
  }
  return undefined;
}

/** How the layer matches a path, all of it or its start. */
export function matchStart({ matchers = [] }: ExpressLayer, path: string): LayerMatch | undefined {
  for (const matcher of matchers) {
    const match = matcher(path);
    if (match) return match;
  }
  return undefined;
}

/** @returns `undefined` where a segment is too long to be taken apart */
export function probe(layer: ExpressLayer, { index, params }: MatchedPath, part: string): Piece[] | undefined {
  const matcher = layer.matchers?.[index];
  const names = Object.keys(params);
  /** The parameter under which the probe arrives when it stands in this segment, from and to. */
  function arrivesAs(segments: readonly string[], at: number, from: number, to: number): Piece | undefined {
    const segment = segments[at] as string;
    const probed = matcher?.(segments.with(at, segment.slice(0, from) + PROBE + segment.slice(to)).join("/"));
    if (!probed) return undefined;
    for (const name of names) {
      const value = probed.params[name];
      if (value === PROBE) return { variable: `:${name}`, parameter: name };
      if (Array.isArray(value) && value.includes(PROBE))
        return { variable: `*${name}`, parameter: name, slashes: true };
    }
    return undefined;
  }

  const pieces: Piece[] = [];
  const segments = part.split("/");
  for (const [at, segment] of segments.entries()) {
    const found = segment === "" ? undefined : arrivesAs(segments, at, 0, segment.length);
    if (isSameWildcard(found, pieces.at(-1))) continue;
    if (at > 0) pieces.push({ literal: "/" });
    if (found !== undefined) pieces.push(found);
    else if (segment.length > MAX_SEGMENT_CHARS) return undefined;
    else pieces.push(...within(segment, (from, to) => arrivesAs(segments, at, from, to)));
  }
  return pieces;
}

/** A wildcard goes on over the next segment. */
function isSameWildcard(piece: Piece | undefined, last: Piece | undefined): boolean {
  return piece !== undefined && "variable" in piece && piece.slashes === true && piece.variable === nameOf(last);
}

function nameOf(piece: Piece | undefined): string | undefined {
  return piece !== undefined && "variable" in piece ? piece.variable : undefined;
}

/** Parameters in parts of a segment: `v:version`, `:from-:to`. A value is never empty, and taken whole or not at all. */
function within(segment: string, arrivesAs: (from: number, to: number) => Piece | undefined): Piece[] {
  const pieces: Piece[] = [];
  let literalFrom = 0;
  for (let from = 0; from < segment.length; from++) {
    for (let to = segment.length; to > from; to--) {
      const found = arrivesAs(from, to);
      if (found === undefined) continue;
      pieces.push(...literal(segment.slice(literalFrom, from)), found);
      literalFrom = to;
      from = to - 1;
      break;
    }
  }
  return [...pieces, ...literal(segment.slice(literalFrom))];
}

function literal(text: string): Piece[] {
  return text === "" ? [] : [{ literal: text }];
}
