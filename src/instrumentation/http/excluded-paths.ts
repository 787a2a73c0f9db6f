/**
 * Requests that are not measured: RED_EXCLUDE_PATHS, judged by the path as received, without the query.
 */
import type { Globs } from "../../config/globs.ts";
import { loadGlobs } from "../../config/load-globs.ts";

/** `http://host` of a target in absolute form, as a proxy's client sends it. */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;

/** A glob without these characters is a name: it is looked up instead of matched. */
const SPECIAL = /[\\*?[\](){}|]/;

export class ExcludedPaths {
  readonly #literals: ReadonlySet<string>;
  readonly #globs: Globs | undefined;
  readonly #longestLiteral: number;

  /** @param globs as in `RedConfig.excludePaths`; a dot is no special character */
  constructor(globs: readonly string[]) {
    this.#literals = new Set(globs.filter((glob) => !SPECIAL.test(glob)));
    this.#longestLiteral = Math.max(0, ...[...this.#literals].map((literal) => literal.length));
    const patterns = globs.filter((glob) => SPECIAL.test(glob));
    this.#globs = patterns.length > 0 ? new (loadGlobs().Globs)(patterns) : undefined;
  }

  /** Hot path (per request). */
  has(target: string): boolean {
    const query = target.indexOf("?");
    const length = query === -1 ? target.length : query;
    const isPath = target.charCodeAt(0) === 47; /* "/" */
    if (isPath && length > this.#longestLiteral && this.#globs === undefined) return false;
    let path = query === -1 ? target : target.slice(0, query);
    if (!isPath) path = path.replace(ORIGIN, "") || "/";
    if (path.length <= this.#longestLiteral && this.#literals.has(path)) return true;
    return this.#globs?.match(path) === true;
  }
}
