/**
 * The pattern of the mount that a request is entering, as the router tells it from 2.3 (Express 5.3) on: under a symbol
 * on the request, set before `req.baseUrl`. Each copy of the router has a symbol of its own.
 */
import { escapeRegExp, whole } from "./mount-shape.ts";
import type { Mounts, Params } from "./mounts.ts";

const MATCHED_ROUTE = "router.tracing.matchedRoute";
/** Requests that are searched for that symbol on entering a mount; afterwards only on meeting something new. */
const MOST_SEARCHES = 100;

type Traced = Readonly<Record<symbol, unknown>>;

/** What a pattern takes, to see whether it is this mount's. */
interface Takes {
  readonly regexp: RegExp;
  /** Parameters that it always has. */
  readonly parameters: readonly string[];
}

export class Router23Mounts {
  readonly #symbols: symbol[] = [];
  readonly #takes = new Map<string | RegExp, Takes>();
  #searches = 0;

  /** Hot path (per mount). `undefined` where none is told. */
  onEntering(request: object, params: unknown, mounts: Mounts): unknown {
    for (let i = 0; i < this.#symbols.length; i++) {
      const pattern = (request as Traced)[this.#symbols[i] as symbol];
      // what is mounted at the root takes nothing of a path: somebody else is entering a mount below it
      if (pattern === undefined || pattern === "/") continue;
      // a router of another copy or version, below one that told its own mount, leaves that one's pattern there
      const isCertain = this.#symbols.length === 1 && !mounts.hasAround(pattern);
      if (isCertain || this.#isOf(pattern, mounts.part(mounts.depth - 1), params)) return pattern;
    }
    if (this.#searches >= MOST_SEARCHES) return undefined;
    this.#searches++;
    return this.search(request) ? this.onEntering(request, params, mounts) : undefined;
  }

  /** True where the request has such a symbol that was not known yet. */
  search(request: object): boolean {
    const found = Object.getOwnPropertySymbols(request).filter(
      (symbol) => symbol.description === MATCHED_ROUTE && !this.#symbols.includes(symbol),
    );
    this.#symbols.push(...found);
    return found.length > 0;
  }

  #isOf(pattern: unknown, part: string, params: unknown): boolean {
    if (typeof pattern !== "string" && !(pattern instanceof RegExp)) return false;
    let takes = this.#takes.get(pattern);
    if (takes === undefined) {
      takes = typeof pattern === "string" ? compile(pattern) : { regexp: whole(pattern), parameters: [] };
      this.#takes.set(pattern, takes);
    }
    return takes.regexp.test(part) && takes.parameters.every((name) => name in ((params ?? {}) as Params));
  }
}

/**
 * The syntax of path-to-regexp 8: https://github.com/pillarjs/path-to-regexp#parameters. No literal: V8 reads one along with
 * the file, and has to look up what an identifier may hold.
 */
const TOKEN = String.raw`\\(?<escaped>.)|(?<kind>[:*])(?:(?<name>[\p{ID_Continue}$]+)|"(?<quoted>[^"]*)")|(?<brace>[{}])|.`;

function compile(pattern: string): Takes {
  const parameters: string[] = [];
  let optional = 0;
  const source = pattern.replace(/\/+$/, "").replace(new RegExp(TOKEN, "gsu"), (...match) => {
    const { escaped, kind, name, quoted, brace } = match.at(-1) as Record<string, string | undefined>;
    if (brace !== undefined) {
      optional += brace === "{" ? 1 : -1;
      return brace === "{" ? "(?:" : ")?";
    }
    if (kind === undefined) return escapeRegExp(escaped ?? (match[0] as string));
    if (optional === 0) parameters.push(name ?? quoted ?? "");
    return kind === ":" ? "[^/]+" : ".+";
  });
  return { regexp: new RegExp(`^${source}$`, "is"), parameters };
}
