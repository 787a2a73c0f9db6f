/**
 * The pattern of a mount, read from its layer. What the layer tells depends on the version: the pattern itself (router
 * 2.3, Express 5.3, on), a regular expression compiled from it and its keys (Express 4), or only functions that match
 * (router 2.0 to 2.2, Express 5.0 to 5.2).
 */
import { decompile } from "./express-4-paths.ts";
import { LastResortPattern } from "./last-resort.ts";
import type { ExpressLayer } from "./layer.ts";
import { inBaseUrl, type MountPattern, type MountShape, RecognisableShape, recognise, whole } from "./mount-shape.ts";
import type { Params } from "./mounts.ts";
import { matchPath, matchStart, probe } from "./router-2-0-probing.ts";

export function mountPatternOf(layer: ExpressLayer): MountPattern {
  if (layer.rawPath !== undefined) return new Router23Pattern(layer);
  return layer.regexp === undefined ? new Router20Pattern(layer) : new Express4Pattern(layer);
}

/** router 2.3 on. */
class Router23Pattern implements MountPattern {
  readonly #layer: ExpressLayer;
  readonly #shapes: readonly MountShape[];

  constructor(layer: ExpressLayer) {
    this.#layer = layer;
    this.#shapes = [layer.rawPath].flat().map((path) => ({ label: patternText(path) }));
  }

  shapeOf(part: string): MountShape | undefined {
    const matched = matchPath(this.#layer, part);
    return matched && this.#shapes[matched.index];
  }

  partOf(path: string): string | undefined {
    return inBaseUrl(matchStart(this.#layer, path)?.path);
  }
}

/** Express 4. */
class Express4Pattern implements MountPattern {
  readonly #shapes: readonly RecognisableShape[];
  /** A copy: the original's `lastIndex` is Express's. */
  readonly #regexp: RegExp;

  constructor(layer: ExpressLayer) {
    const { source, flags } = layer.regexp as RegExp;
    this.#regexp = new RegExp(source, flags.replace(/[gy]/g, ""));
    this.#shapes = decompile(layer).map(
      ({ pattern, regexp, parameters }) => new RecognisableShape(patternText(pattern), whole(regexp), parameters),
    );
  }

  shapeOf(part: string, params: Params): MountShape | undefined {
    return recognise(this.#shapes, part, params);
  }

  partOf(path: string): string | undefined {
    return inBaseUrl(this.#regexp.exec(path)?.[0]);
  }
}

/** router 2.0 to 2.2. */
class Router20Pattern implements MountPattern {
  readonly #layer: ExpressLayer;
  /** One list for each of the layer's paths. */
  readonly #shapes: readonly RecognisableShape[][];
  readonly #lastResort = new LastResortPattern();

  constructor(layer: ExpressLayer) {
    this.#layer = layer;
    this.#shapes = (layer.matchers ?? []).map(() => []);
  }

  shapeOf(part: string, params: Params): MountShape | undefined {
    const [ofFirstPath] = this.#shapes;
    const known = ofFirstPath === undefined ? undefined : recognise(ofFirstPath, part, params);
    return known ?? this.#probe(part, params);
  }

  partOf(path: string): string | undefined {
    return inBaseUrl(matchStart(this.#layer, path)?.path);
  }

  #probe(part: string, params: Params): MountShape | undefined {
    const matched = matchPath(this.#layer, part);
    if (matched === undefined || !Object.keys(matched.params).every((name) => name in params)) return undefined;
    // a regular expression of the application's own: another value may not match it, so that probing proves nothing
    if (Object.getPrototypeOf(matched.params) !== null) return this.#lastResort.shapeOf(part, matched.params);
    const shapes = this.#shapes[matched.index] as RecognisableShape[];
    const known = recognise(shapes, part, params);
    if (known !== undefined) return known;
    const pieces = probe(this.#layer, matched, part);
    if (pieces === undefined) return this.#lastResort.shapeOf(part, matched.params);
    const shape = RecognisableShape.of(pieces);
    shapes.push(shape);
    return shape;
  }
}

/** A pattern as part of a template: a mount's trailing slash belongs to what comes after it. */
export function patternText(pattern: unknown): string {
  return typeof pattern === "string" ? pattern.replace(/\/+$/, "") : String(pattern);
}
