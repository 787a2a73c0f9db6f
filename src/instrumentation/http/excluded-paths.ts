/**
 * Requests that are not measured: RED_EXCLUDE_PATHS, judged by the path as received, without the query.
 */
import { loadGlobs } from "../../config/load-globs.ts";

/** `http://host` of a target in absolute form, as a proxy's client sends it. */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;

/** No glob has a meaning without one of the other characters. */
const NAME = /^[\w./-]+$/;

/** Globs of this form are names: they are looked up instead of matched. */
function isLiteral(glob: string): boolean {
  return NAME.test(glob) || !loadGlobs().picomatch.scan(glob).isGlob;
}

export class ExcludedPaths {
  readonly #literals: ReadonlySet<string>;
  readonly #matches: ((path: string) => boolean) | undefined;
  readonly #longestLiteral: number;

  /** @param globs as in `RedConfig.excludePaths`; picomatch's syntax, a dot is no special character */
  constructor(globs: readonly string[]) {
    this.#literals = new Set(globs.filter(isLiteral));
    this.#longestLiteral = Math.max(0, ...[...this.#literals].map((literal) => literal.length));
    const patterns = globs.filter((glob) => !isLiteral(glob));
    this.#matches = patterns.length > 0 ? loadGlobs().picomatch(patterns, { dot: true, windows: false }) : undefined;
  }

  /** Hot path (per request). */
  has(target: string): boolean {
    const query = target.indexOf("?");
    const length = query === -1 ? target.length : query;
    const isPath = target.charCodeAt(0) === 47; /* "/" */
    if (isPath && length > this.#longestLiteral && this.#matches === undefined) return false;
    let path = query === -1 ? target : target.slice(0, query);
    if (!isPath) path = path.replace(ORIGIN, "") || "/";
    if (path.length <= this.#longestLiteral && this.#literals.has(path)) return true;
    return this.#matches?.(path) === true;
  }
}
