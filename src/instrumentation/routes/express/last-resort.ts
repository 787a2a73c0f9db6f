/**
 * Mounts of which nothing is known but the path that they took and the parameters that came out of it: the last resort.
 *
 * A segment that equals a parameter's value is that parameter. What is then left may be literal, or a value that was
 * decoded, rewritten, or stands in a part of its segment: it goes through the normaliser, and past sixteen shapes the
 * segments that differ become `*`.
 */

import { normalizeSegment } from "../plain/normalizer.ts";
import { type Piece, RecognisableShape, recognise } from "./mount-shape.ts";
import type { Params } from "./mounts.ts";

/** Shapes before differing segments become `*`. */
const MOST_SHAPES = 16;
/** Then one more for each number of segments, until this one takes all. */
const MOST_COARSE_SHAPES = 16;
const ANYTHING = RecognisableShape.of([{ literal: "/" }, { variable: "*", slashes: true }]);

export class LastResortPattern {
  readonly #shapes: RecognisableShape[] = [];

  shapeOf(part: string, params: Params): RecognisableShape {
    return recognise(this.#shapes, part, params) ?? this.#learn(part, params);
  }

  #learn(part: string, params: Params): RecognisableShape {
    if (this.#shapes.length >= MOST_SHAPES + MOST_COARSE_SHAPES) return ANYTHING;
    const segments = part.split("/");
    const pieces = piecesOf(segments, params);
    if (this.#shapes.length >= MOST_SHAPES) this.#coarsen(pieces);
    const shape = RecognisableShape.of(pieces.flatMap((piece, i) => (i === 0 ? [piece] : [{ literal: "/" }, piece])));
    this.#shapes.push(shape);
    return shape;
  }

  #coarsen(pieces: Piece[]): void {
    const labels = this.#shapes.map(({ label }) => label.split("/")).filter(({ length }) => length === pieces.length);
    for (const [i, piece] of pieces.entries()) {
      if (!("literal" in piece) || piece.literal === "") continue;
      const { literal } = piece;
      if (labels.length === 0 || labels.some((label) => label[i] !== literal)) pieces[i] = { variable: "*" };
    }
  }
}

/** One for each segment. Parameters are counted from the end: `/users/users` under `/users/:id`. */
function piecesOf(segments: readonly string[], params: Params): Piece[] {
  const names = Object.keys(params).filter((name) => typeof params[name] === "string");
  const pieces: Piece[] = [];
  for (const segment of segments.toReversed()) {
    const text = decoded(segment);
    const at = names.findLastIndex((name) => params[name] === text);
    const [name] = at === -1 ? [] : names.splice(at, 1);
    pieces.unshift(name === undefined ? guessed(segment) : parameter(name));
  }
  return pieces;
}

/** Groups without a name are numbered. */
function parameter(name: string): Piece {
  return { variable: /^\d/.test(name) ? "*" : `:${name}`, parameter: name };
}

function guessed(segment: string): Piece {
  const normalized = normalizeSegment(segment);
  return normalized === segment ? { literal: segment } : { variable: normalized };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
