/**
 * What a mount looks like in a template, where Express does not say it in so many words: text that stands there
 * literally, and in between what a value took.
 */
import type { Params } from "./mounts.ts";

/** A mount's share of a template. Always the same object for the same share: templates are recognised by it. */
export interface MountShape {
  readonly label: string;
}

/** Finds the shape that a mount has on a request. */
export interface MountPattern {
  /**
   * Hot path (per route that matches under a mount, before Express 5.3).
   *
   * @param part the part of the path that the mount took, `/t/acme`
   * @param params `req.params` as the mount's layer left them
   * @returns `undefined` where this mount does not take that part
   */
  shapeOf(part: string, params: Params): MountShape | undefined;
  /**
   * What this mount takes of a path, as it is in `req.baseUrl`: of `/t/acme/list/7` it may be `/t/acme`, or all of it. Nothing
   * where it does not match.
   */
  partOf(path: string): string | undefined;
}

export type Piece =
  | { readonly literal: string }
  /** `parameter` where it arrives in `req.params` under that name. */
  | { readonly variable: string; readonly parameter?: string | undefined; readonly slashes?: boolean };

/** A part of a path as Express puts it into `req.baseUrl`: without one slash at the end. */
export function inBaseUrl(part: string | undefined): string | undefined {
  return part?.endsWith("/") ? part.slice(0, -1) : part;
}

/** A shape with the expression that recognises the parts of paths which have it. */
export class RecognisableShape implements MountShape {
  readonly label: string;
  readonly #regexp: RegExp;
  readonly #parameters: readonly string[];

  constructor(label: string, regexp: RegExp, parameters: readonly string[]) {
    this.label = label;
    this.#regexp = regexp;
    this.#parameters = parameters;
  }

  static of(pieces: readonly Piece[]): RecognisableShape {
    const label = pieces.map((piece) => ("literal" in piece ? piece.literal : piece.variable)).join("");
    const source = pieces.map((piece) => ("literal" in piece ? escapeRegExp(piece.literal) : anyText(piece.slashes)));
    const parameters = pieces.flatMap((piece) => ("variable" in piece && piece.parameter ? [piece.parameter] : []));
    return new RecognisableShape(label, new RegExp(`^${source.join("")}$`, "is"), parameters);
  }

  /** Hot path. `/t/all` is also what `/t/:tenant` would take: only the parameters tell them apart. */
  isOf(part: string, params: Params): boolean {
    if (!this.#regexp.test(part)) return false;
    for (let i = 0; i < this.#parameters.length; i++) if (!((this.#parameters[i] as string) in params)) return false;
    return true;
  }
}

/** Hot path. The first of the shapes that this part of a path has. */
export function recognise(
  shapes: readonly RecognisableShape[],
  part: string,
  params: Params,
): RecognisableShape | undefined {
  for (let i = 0; i < shapes.length; i++) {
    const shape = shapes[i] as RecognisableShape;
    if (shape.isOf(part, params)) return shape;
  }
  return undefined;
}

function anyText(slashes: boolean | undefined): string {
  return slashes === true ? ".+" : "[^/]+";
}

/** `RegExp.escape` is there from Node 24 on. */
export function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

/** Matches where all of a text is matched. A copy: the original's `lastIndex` is Express's. */
export function whole(regexp: RegExp): RegExp {
  return new RegExp(`^(?:${regexp.source})$`, regexp.flags.replace(/[gy]/g, ""));
}
