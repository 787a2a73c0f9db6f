/**
 * The labels of requests without a route: their paths, normalised.
 */
import type { PathPattern } from "../../../config/red-variables.ts";
import type { LabelPath, LabelSets } from "../../../view/label-sets.ts";
import { KnownPaths } from "./known-paths.ts";
import { createNormalizer } from "./normalizer.ts";

export class NormalizedPaths {
  readonly #labelSets: LabelSets;
  #normalize!: (target: string) => string;
  /** Undefined where patterns of the user's come before all rules. */
  #known: KnownPaths | undefined;
  /** Those that have been offered to the known paths. */
  readonly #offered = new Set<LabelPath>();
  /**
   * Raw paths that are their own label: as many as there are labels. To remember those with identifiers gains nothing,
   * they hardly come back, and what is kept for a while only to be dropped costs the collector more than normalising.
   */
  readonly #remembered = new Map<string, LabelPath>();

  constructor(labelSets: LabelSets, patterns: readonly PathPattern[] = []) {
    this.#labelSets = labelSets;
    this.usePatterns(patterns);
  }

  /** Takes RED_PATH_PATTERNS, before the first request. */
  usePatterns(patterns: readonly PathPattern[]): void {
    this.#normalize = createNormalizer(patterns);
    this.#known = patterns.length === 0 ? new KnownPaths() : undefined;
  }

  /** Hot path (per request without a route). @param target the request target as received */
  label(target: string): LabelPath {
    return this.#find(target) ?? this.#remember(target, this.#labelSets.normalized(this.#normalize(target)));
  }

  /** As `label`, for an answer that a framework's application gave without a route: at most 100 paths, then `/*`. */
  unrouted(target: string): LabelPath {
    return this.#find(target) ?? this.#remember(target, this.#labelSets.unrouted(this.#normalize(target)));
  }

  /** Hot path (per request without a route). */
  #find(target: string): LabelPath | undefined {
    return this.#known?.find(target) ?? this.#remembered.get(target);
  }

  #remember(target: string, path: LabelPath): LabelPath {
    if (path.value === target) this.#remembered.set(target, path);
    if (!this.#offered.has(path)) {
      this.#offered.add(path);
      this.#known?.add(path);
    }
    return path;
  }
}
