/**
 * The variables that are ours, and what each accepts.
 */

import { DEFAULT_DURATION_BUCKETS, LABEL_METHOD, LABEL_SERVICE, LABEL_STATUS_CODE } from "../view/red.ts";
import { loadGlobs } from "./load-globs.ts";
import { decimal, flag, integer, type Parsed, printable, quoted, type Variable, word } from "./variable.ts";

/** A rule of the user's own for paths without a router: what `pattern` matches is shown as `replacement`. */
export interface PathPattern {
  /** With the flag `u` only, so it carries no state from one match to the next. */
  readonly pattern: RegExp;
  /** As for `String.prototype.replace`: `$1`, `$<name>` and `$&` stand for what was matched. Never empty. */
  readonly replacement: string;
}

/** What asks whether the service lives, or describes it, and is none of its work. */
const DEFAULT_EXCLUDE_PATHS: readonly string[] = [
  "/metrics",
  "/health",
  "/healthz",
  "/livez",
  "/readyz",
  "/docs",
  "/redoc",
  "/openapi.json",
  "/favicon.ico",
];

/** More of them is a mistake: every label set carries every bucket. */
export const MOST_BUCKETS = 100;

export const HTTP_INSTRUMENTATION = word<"light" | "stock">("RED_HTTP_INSTRUMENTATION", ["light", "stock"], "light");

export const CLIENT_METRICS = flag("RED_CLIENT_METRICS", false);

export const PROCESSES = word<"merge" | "separate">("RED_PROCESSES", ["merge", "separate"], "merge");

export const RUNTIME_METRICS = flag("RED_RUNTIME_METRICS", true);

export const MAX_LABEL_SETS = integer("RED_MAX_LABEL_SETS", 1, 1_000_000, 1000);

export const DURATION_BUCKETS: Variable<readonly number[]> = {
  name: "RED_DURATION_BUCKETS",
  accepted: `1 to ${MOST_BUCKETS} ascending, distinct, positive numbers of seconds, separated by commas`,
  fallback: DEFAULT_DURATION_BUCKETS,
  parse: parseBuckets,
};

export const PATH_LABEL: Variable<string> = {
  name: "RED_PATH_LABEL",
  accepted: "a Prometheus label name (letters, digits, underscores, no digit first) that is not in use",
  fallback: "path",
  parse: parsePathLabel,
};

export const EXCLUDE_PATHS: Variable<readonly string[]> = {
  name: "RED_EXCLUDE_PATHS",
  accepted: "globs that start with / or **, separated by commas, with a + before the first to add to the default",
  fallback: DEFAULT_EXCLUDE_PATHS,
  parse: parseExcludePaths,
};

export const PATH_PATTERNS: Variable<readonly PathPattern[]> = {
  name: "RED_PATH_PATTERNS",
  accepted: "regex=>replacement pairs separated by ; or line breaks (a ; within a regex is written \\x3b)",
  fallback: [],
  parse: parsePathPatterns,
};

/** The last bucket of every histogram, so written out by those who copy an exposition. */
const IMPLIED_BOUND = /,\s*\+?inf(?:inity)?$/i;

function parseBuckets(text: string): Parsed<readonly number[]> {
  const numbers = text
    .replace(IMPLIED_BOUND, "")
    .split(",")
    .map((number) => number.trim());
  if (numbers.length > MOST_BUCKETS) return { refused: `there are ${numbers.length}` };

  const bounds: number[] = [];
  for (const number of numbers) {
    const bound = decimal(number);
    if (!Number.isFinite(bound)) return { refused: `${quoted(number)} is no finite decimal number` };
    if (bound <= 0) return { refused: `${quoted(number)} is not positive` };
    if (bound <= (bounds.at(-1) ?? 0)) return { refused: `${quoted(number)} is not above the one before it` };
    bounds.push(bound);
  }
  return { value: bounds };
}

const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

const LABELS_IN_USE: ReadonlyMap<string, string> = new Map([
  ...[LABEL_METHOD, LABEL_STATUS_CODE, LABEL_SERVICE].map((label) => [label, "a label of the same series"] as const),
  ["le", "Prometheus's label of histogram buckets"],
  ["quantile", "Prometheus's label of summary quantiles"],
  ["job", "a label of the scrape: Prometheus would rename this one to exported_job"],
  ["instance", "a label of the scrape: Prometheus would rename this one to exported_instance"],
]);

function parsePathLabel(text: string): Parsed<string> {
  if (!LABEL_NAME.test(text)) return { refused: "" };
  if (text.startsWith("__")) return { refused: "labels that start with __ are Prometheus's own" };
  const use = LABELS_IN_USE.get(text);
  return use === undefined ? { value: text } : { refused: `it is ${use}` };
}

/**
 * A path begins with a slash and holds no white space, so other globs would match nothing, silently: `health`,
 * `*.html`, or `/a /b` where the comma was forgotten.
 */
const CAN_MATCH_A_PATH = /^(?:\/|\*\*|\*\/)\S*$/;

/**
 * A `+` adds to the default, once at the start or before each glob. A `+` that only comes later is refused: whether
 * the default is meant to stay cannot be told.
 */
function parseExcludePaths(text: string): Parsed<readonly string[]> {
  const adds = text.startsWith("+");
  const globs: string[] = [];
  for (const member of splitOutsideBraces(text)) {
    const glob = adds ? member.replace(/^\+\s*/, "") : member;
    if (glob === "") return { refused: "there is an empty glob" };
    if (glob.startsWith("+")) return { refused: `the + of ${quoted(glob)} belongs before the first glob` };
    if (!CAN_MATCH_A_PATH.test(glob)) return { refused: `${quoted(glob)} can match no path` };
    try {
      loadGlobs().checkGlob(glob);
    } catch (error) {
      return { refused: `${quoted(glob)}: ${reason(error)}` };
    }
    globs.push(glob);
  }
  return { value: [...new Set(adds ? [...DEFAULT_EXCLUDE_PATHS, ...globs] : globs)] };
}

/** Commas within braces belong to the glob: `/api/{health,ready}`. A backslash takes the next character as it is. */
function splitOutsideBraces(text: string): string[] {
  const members = [""];
  let depth = 0;
  for (const [token] of text.matchAll(/\\?./gsu)) {
    if (token === "," && depth === 0) {
      members.push("");
      continue;
    }
    if (token === "{") depth += 1;
    if (token === "}" && depth > 0) depth -= 1;
    members.push(members.pop() + token);
  }
  return members.map((member) => member.trim());
}

/** Splits at the last arrow: a regex may hold one (`(?<=>)` does), a replacement has no need to. */
function parsePathPatterns(text: string): Parsed<readonly PathPattern[]> {
  const patterns: PathPattern[] = [];
  for (const pair of text.split(/[;\n]/).map((part) => part.trim())) {
    if (pair === "") continue;
    const arrow = pair.lastIndexOf("=>");
    const source = pair.slice(0, Math.max(arrow, 0)).trim();
    const replacement = pair.slice(arrow + 2).trim();
    if (arrow === -1) return { refused: `${quoted(pair)} has no =>` };
    if (source === "") return { refused: `${quoted(pair)} has no regex` };
    // a path that ends up empty is, to Prometheus, a series without the label
    if (replacement === "") return { refused: `${quoted(pair)} has no replacement` };
    try {
      // u and nothing else: without it \p{L} or \u{61} would silently mean something other than what they say
      patterns.push({ pattern: new RegExp(source, "u"), replacement });
    } catch (error) {
      return { refused: `${quoted(source)}: ${reason(error)}` };
    }
  }
  return patterns.length > 0 ? { value: patterns } : { refused: "it holds no pair" };
}

/** What an engine says of a pattern, without the pattern that it repeats at any length. */
function reason(error: unknown): string {
  return printable(String(error).replace(/^SyntaxError: (?:Invalid regular expression: .*: )?/s, ""));
}
