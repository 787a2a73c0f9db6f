/**
 * Where a request is in Express's tree of routers: the mounts it has gone through and not left again, as told by the
 * router's assignments to `req.baseUrl`.
 */

/** What a router knows about a mount when it enters it. */
export interface MountSeen {
  /** The mount's own pattern, where the router tells it (router 2.3 on): string or RegExp. */
  readonly pattern: unknown;
  /** `req.params` as the mount's layer left them. */
  readonly params: unknown;
}

export class Mounts {
  /** The concrete `req.baseUrl`: `/api/t/acme`. */
  base = "";
  /** How many mounts deep. */
  depth = 0;
  readonly #ends: number[] = [];
  readonly #patterns: unknown[] = [];
  readonly #params: unknown[] = [];

  clear(): void {
    this.base = "";
    this.depth = 0;
    if (this.#ends.length === 0) return;
    this.#ends.length = 0;
    this.#patterns.length = 0;
    this.#params.length = 0;
  }

  /** Hot path (per mount). Takes an assignment to `req.baseUrl`; true if it enters a mount, false if it leaves some. */
  moveTo(base: string): boolean {
    const enters = base.length > this.base.length && base.startsWith(this.base);
    if (enters) {
      this.#ends[this.depth] = base.length;
      this.depth++;
    } else {
      while (this.depth > 0 && (this.#ends[this.depth - 1] as number) > base.length) this.depth--;
    }
    this.base = base;
    return enters;
  }

  /** Hot path (per mount). What is known of the mount that was entered last. */
  describe(pattern: unknown, params: unknown): void {
    this.#patterns[this.depth - 1] = pattern;
    this.#params[this.depth - 1] = params;
  }

  pattern(level: number): unknown {
    return this.#patterns[level];
  }

  params(level: number): Readonly<Record<string, unknown>> {
    const params = this.#params[level];
    return typeof params === "object" && params !== null ? (params as Record<string, unknown>) : {};
  }

  /** The concrete part of the path that the mount at this level took: `/t/acme`. */
  part(level: number): string {
    return this.base.slice(level === 0 ? 0 : this.#ends[level - 1], this.#ends[level]);
  }
}
