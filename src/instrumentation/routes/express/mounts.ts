/**
 * Where a request is in Express's tree of routers: the mounts it has gone through and not left again, as told by the
 * router's assignments to `req.baseUrl`.
 */

export type Params = Readonly<Record<string, unknown>>;
const NO_PARAMS: Params = Object.freeze({});

export class Mounts {
  /** The concrete `req.baseUrl`: `/api/t/acme`. */
  base = "";
  /** How many mounts deep. */
  depth = 0;
  /** The route that was met last, since `req.baseUrl` was assigned last. */
  route: unknown;
  /** How many levels hold something, also of mounts that were left again. */
  #deepest = 0;
  readonly #ends: number[] = [];
  readonly #patterns: unknown[] = [];
  readonly #params: unknown[] = [];
  readonly #apps: unknown[] = [];
  /** By level: where the mounts ended that were entered there one after the other, and how many there were. */
  readonly #entered: number[][] = [];
  readonly #enteredCounts: number[] = [0];
  /** What the application has put in front of the base (`req.baseUrl = "http://…"`), and the base at that time. */
  #foreign = "";
  #foreignAt = "";

  clear(): void {
    this.base = "";
    this.depth = 0;
    this.route = undefined;
    this.#foreign = "";
    // emptied, not shortened: a shorter array gives its room back, and takes it anew for the next request
    for (let level = 0; level < this.#deepest; level++) {
      this.#patterns[level] = undefined;
      this.#params[level] = undefined;
      this.#apps[level] = undefined;
    }
    this.#deepest = 0;
    // the other levels follow as this one is entered
    this.#enteredCounts[0] = 0;
  }

  /**
   * Hot path (per mount). Takes an assignment to `req.baseUrl`; true if it enters a mount, false if it leaves some.
   *
   * @param target the request target as received
   */
  moveTo(base: string, target: string): boolean {
    if (this.#foreign !== "" && base.startsWith(this.#foreign))
      return this.moveTo(this.#foreignAt + base.slice(this.#foreign.length), target);
    const from = this.base;
    const goesOn = base.startsWith(from);
    if (goesOn && base.length === from.length) return false;
    const goesBack = !goesOn && from.startsWith(base);
    if (this.#isForeign(base, target, goesOn || goesBack)) {
      this.#foreign = base;
      this.#foreignAt = from;
      return false;
    }
    this.base = base;
    if (!goesOn) {
      while (this.#end > base.length || !(goesBack || base.startsWith(from.slice(0, this.#end)))) this.depth--;
      if (base.length <= this.#end) return false;
    }
    this.#enter(this.depth, base.length);
    this.#ends[this.depth] = base.length;
    this.depth++;
    if (this.depth > this.#deepest) this.#deepest = this.depth;
    return true;
  }

  /** Hot path (per mount). */
  #enter(level: number, end: number): void {
    const count = this.#enteredCounts[level] as number;
    let ends = this.#entered[level];
    if (ends === undefined) {
      ends = [];
      this.#entered[level] = ends;
    }
    ends[count] = end;
    this.#enteredCounts[level] = count + 1;
    this.#enteredCounts[level + 1] = 0;
  }

  /** How many mounts at this level took the same part of the path before, and passed the request on. */
  passedOnBefore(level: number): number {
    const ends = this.#entered[level] as number[];
    const last = (this.#enteredCounts[level] as number) - 1;
    let passedOn = 0;
    for (let i = 0; i < last; i++) if (ends[i] === ends[last]) passedOn++;
    return passedOn;
  }

  /** Where the part of the path starts that the mount at this level took. */
  start(level: number): number {
    return level === 0 ? 0 : (this.#ends[level - 1] as number);
  }

  /**
   * Whether this is the application's own word, not a router's: a router takes paths, and goes on from where the request
   * is or back. Where it seems to do neither, the word before was the application's, or this one is.
   */
  #isForeign(base: string, target: string, isStep: boolean): boolean {
    if (base === "") return false;
    return base.charCodeAt(0) !== 47 /* "/" */ || !(isStep || target.startsWith(base));
  }

  get #end(): number {
    return this.depth === 0 ? 0 : (this.#ends[this.depth - 1] as number);
  }

  /**
   * Hot path (per mount). What is known of the mount that was entered last.
   *
   * @param pattern as told by the router (string or RegExp), or `undefined` where it tells none
   * @param params `req.params` as the mount's layer left them
   * @param app the Express application that the mount is in
   */
  describe(pattern: unknown, params: unknown, app: unknown): void {
    this.#patterns[this.depth - 1] = pattern;
    this.#params[this.depth - 1] = params;
    this.#apps[this.depth - 1] = app;
  }

  app(level: number): unknown {
    return this.#apps[level];
  }

  /** What the mount at this level is recognised by: its pattern as told, else the shape that was found out. */
  pattern(level: number): unknown {
    return this.#patterns[level];
  }

  setPattern(level: number, pattern: unknown): void {
    this.#patterns[level] = pattern;
  }

  /** Whether a mount around the one that was entered last has this pattern. */
  hasAround(pattern: unknown): boolean {
    for (let level = 0; level < this.depth - 1; level++) if (this.#patterns[level] === pattern) return true;
    return false;
  }

  params(level: number): Params {
    const params = this.#params[level];
    return typeof params === "object" && params !== null ? (params as Params) : NO_PARAMS;
  }

  /** The concrete part of the path that the mount at this level took: `/t/acme`. */
  part(level: number): string {
    return this.base.slice(this.start(level), this.#ends[level]);
  }
}
