/**
 * The `path` label where no router tells the route: the path of the request target, identifiers replaced by `:id`.
 *
 * The path has no query and no fragment. A target in absolute form gives its path, `*` (OPTIONS) gives `*`, anything else
 * that does not start with '/' (CONNECT's authority, garbage) gives `/*`. Dot segments are resolved as by the URL
 * standard, repeated slashes are one, a trailing slash is dropped (`/users/` and `/users` are one label), case is kept.
 * Past 12 segments or 256 characters the rest is `/*`.
 *
 * A segment is judged with its percent-escapes decoded. It is an identifier where it
 * - has digits and no letter: integers, dates, lists, IPv4; but not `2.0`, an API's version (up to two digits each);
 * - is hex with a digit, from 8 characters on: ObjectIds, hashes, UUIDs without dashes; or has the shape of a ULID;
 * - contains a UUID, a date or five digits in a row, which no word does; or is a timestamp or a JWT;
 * - is too restless for words, from 20 characters on: nanoids and other tokens, not slugs and camelCase names;
 * - contains what only data does: non-ASCII, control characters, space, an inner '@' (emails), any of `/ ? # \ ; = &`;
 * - is longer than 64 characters.
 *
 * Beside `:id` stay: a word in front (`cus_:id`, `order-:id`, `main.:id.js`; a number there has three digits in a row, so
 * that `page_2` and `covid-19` are words), extensions (`:id.tar.gz`), a custom verb (`:id:cancel`). Segments that start
 * with ':' and `*` are templates already. All else is a word and stays as it came: `v1`, `h264`, `2fa`, `42-a-title`.
 * The label budget bounds what these rules miss; RED_PATH_PATTERNS is for the paths that they misjudge.
 */
import type { PathPattern } from "../../../config/red-variables.ts";
import { ID, MAX_SEGMENTS, plainTemplateOf } from "./plain-paths.ts";

const REST = "/*";
const MAX_LABEL_CHARS = 256;
/** Longer paths are shortened by the rules above before a user's pattern sees them, which may not run in linear time. */
const MAX_PATTERN_INPUT_CHARS = 1024;
/** The label of a longer target is a copy: slices keep the whole target alive, 16 kB for as long as the label is kept. */
const MAX_SHARED_TARGET_CHARS = 1024;
const MAX_WORD_CHARS = 64;
/** Checked before any expression that repeats, which keeps them all cheap on hostile input. A word and an extension. */
const MAX_SEGMENT_CHARS = 80;
const MIN_TOKEN_CHARS = 20;
/** After `prefix_`, which announces an identifier. Stripe's have 14. */
const MIN_PREFIXED_TOKEN_CHARS = 10;

/** No identifier is like this. */
const PLAIN_SEGMENT = /^(?:[a-z][a-z_.-]{0,18}|[A-Za-z]{1,11}|[a-z]{1,5}\d{1,2})$/;
const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/[^/]*/i;
const SAME_DIRECTORY = /^(?:\.|%2e)$/i;
const PARENT_DIRECTORY = /^(?:\.|%2e){2}$/i;

const ESCAPE = /%([\da-f]{2})/gi;
const DIGIT = /\d/;
const DATA = /[^!-~]|[/?#\\;=&]|(?!^)@/;
const TIMESTAMP_OR_JWT = /^(?:\d{4}-?\d\d-?\d\dT[\d:.,+-]*Z?|eyJ[\w-]+\.[\w-]+\.[\w-]*)$/i;
const NUMBER = /^(?!\d{1,2}\.\d{1,2}$)[^a-z]*\d[^a-z]*$/i;
const LONG_NUMBER = /^[^a-z]*\d{3}[^a-z]*$/i;
const HEX_UUID_OR_ULID =
  /^(?:(?=[a-f]*\d)(?:0x)?[\da-f]{8,}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|[0-7][\da-hjkmnp-tv-z]{25})$/i;
const CONTAINS_IDENTIFIER = /\d{4}(?:\d|-\d\d-\d\d)|(?:-[\da-f]{4}){3}-[\da-f]{12}/i;
/**
 * The two kinds of extension (`json`, `mp4`) exclude each other, or the repetition would backtrack exponentially. After a
 * separator it is no verb, but the `:id` of a template.
 */
const SUFFIX = /(?:\.(?:[a-z]{1,12}|(?=[a-z]*\d)(?=\d*[a-z])[a-z\d]{1,5})){0,3}(?:(?<=[a-z\d]):[a-z]{1,24})?$/i;
const PREFIXED = /^((?:[a-z]+_)+|[a-z]+[-.])(.+)$/i;
const TOKEN_PREFIX = /^[a-z_]+_$/;
const SEPARATOR = /[^a-z\d]/i;

/**
 * Returns the function from a request target as received (`req.url`) to its path label, by the rules above. It never
 * throws; the label is printable ASCII and, without patterns, a fixed point: normalised again it stays the same.
 *
 * Patterns come first and in turn, each applied to the whole path (without query) as the one before left it. The rules
 * above then judge the result: a pattern writes `:name` or `*` for what they are to leave alone.
 */
export function createNormalizer(patterns: readonly PathPattern[] = []): (target: string) => string {
  // Copies, so that nobody else's exec() moves our lastIndex, nor ours theirs.
  const rules = patterns.map(({ pattern, replacement }) => ({ pattern: new RegExp(pattern), replacement }));
  return (target) => {
    let path = pathOf(target);
    if (path === "*") return path;
    for (const { pattern, replacement } of rules) {
      if (path.length > MAX_PATTERN_INPUT_CHARS) path = templateOf(path);
      pattern.lastIndex = 0; // a sticky pattern would start where its last match ended
      path = path.replace(pattern, replacement);
    }
    const label = templateOf(path);
    return target.length > MAX_SHARED_TARGET_CHARS ? Buffer.from(label, "latin1").toString("latin1") : label;
  };
}

function pathOf(target: string): string {
  const path = upTo("?", upTo("#", target));
  if (path.startsWith("/") || path === "" || path === "*") return path;
  const origin = ORIGIN.exec(path);
  return origin === null ? REST : path.slice(origin[0].length);
}

function upTo(mark: string, text: string): string {
  const end = text.indexOf(mark);
  return end === -1 ? text : text.slice(0, end);
}

function templateOf(path: string): string {
  const plain = plainTemplateOf(path);
  if (plain !== undefined) return plain;
  let template = "";
  let segments = 0;
  for (let start = 0, end = 0; start < path.length; start = end + 1) {
    end = path.indexOf("/", start);
    if (end === -1) end = path.length;
    if (end === start) continue;
    const segment = path.slice(start, end);
    if (SAME_DIRECTORY.test(segment)) continue;
    if (PARENT_DIRECTORY.test(segment)) {
      template = template.slice(0, template.lastIndexOf("/"));
      segments = Math.max(0, segments - 1);
      continue;
    }
    const label = normalizeSegment(segment);
    if (segments === MAX_SEGMENTS || template.length + 1 + label.length > MAX_LABEL_CHARS - REST.length)
      return template + REST;
    template += `/${label}`;
    segments += 1;
  }
  return template === "" ? "/" : template;
}

/**
 * One path segment (no slash), percent-encoded or not: with `:id` in place of the identifier, or else as it came.
 * Hot path: the cheap tests come first.
 */
export function normalizeSegment(segment: string): string {
  if (segment.length < MIN_TOKEN_CHARS && PLAIN_SEGMENT.test(segment)) return segment;
  if (segment.length > MAX_SEGMENT_CHARS) return ID;
  // Byte for byte rather than by decodeURIComponent, which throws on what is no UTF-8; an invalid escape is text.
  const text = segment.includes("%")
    ? segment.replace(ESCAPE, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    : segment;
  if (DATA.test(text)) return ID;
  if (segment.startsWith(":")) return segment;
  if (TIMESTAMP_OR_JWT.test(text)) return ID;
  const suffix = text.includes(".") || text.includes(":") ? text.slice(text.search(SUFFIX)) : "";
  const stem = text.slice(0, text.length - suffix.length);
  if (stem.length > MAX_WORD_CHARS || NUMBER.test(stem) || HEX_UUID_OR_ULID.test(stem)) return ID + suffix;
  const prefixed = PREFIXED.exec(stem);
  if (prefixed !== null) {
    const [, prefix = "", rest = ""] = prefixed;
    if (LONG_NUMBER.test(rest) || HEX_UUID_OR_ULID.test(rest) || isPrefixedToken(prefix, rest))
      return prefix + ID + suffix;
  }
  return CONTAINS_IDENTIFIER.test(stem) || isToken(stem) ? ID + suffix : segment;
}

/** Only after lower case and '_', and in one piece: any nanoid with a '_' or '-' in it would have a prefix otherwise. */
function isPrefixedToken(prefix: string, rest: string): boolean {
  return (
    rest.length >= MIN_PREFIXED_TOKEN_CHARS &&
    TOKEN_PREFIX.test(prefix) &&
    !SEPARATOR.test(rest) &&
    restlessness(rest) >= 0.25
  );
}

/**
 * The limits come from random tokens and from the 20,000 names of 20 to 64 characters in a node_modules. 0.5 % of base62,
 * 1.5 % of nanoids and 2 % of base36 (20 characters) pass for words, and one real name in 400 for a token.
 */
function isToken(text: string): boolean {
  return text.length >= MIN_TOKEN_CHARS && restlessness(text) >= (DIGIT.test(text) ? 0.25 : 0.3);
}

/**
 * Changes of the kind of character (digit, lower case, upper case) per character: words have few. A capital that starts a
 * word counts once, a separator not at all. 1 for digits that come and go in one piece, 0 for what no token is made of.
 */
function restlessness(text: string): number {
  let caseChanges = 0;
  let digitEdges = 0;
  let separators = 0;
  let capitalsInARow = 0;
  let previous: Kind = "separator";
  for (let i = 0; i < text.length; i++) {
    const kind = kindOf(text.charCodeAt(i));
    if (kind === "other") return 0;
    if (kind === "separator") separators += 1;
    else if (kind !== previous && previous !== "separator") {
      if (kind === "digit" || previous === "digit") digitEdges += 1;
      else if (kind === "upper" || capitalsInARow > 1) caseChanges += 1;
    }
    capitalsInARow = kind === "upper" ? capitalsInARow + 1 : 0;
    previous = kind;
  }
  if (separators === 0 && digitEdges >= 3) return 1;
  return (caseChanges + digitEdges) / (text.length - separators);
}

type Kind = "lower" | "upper" | "digit" | "separator" | "other";

function kindOf(code: number): Kind {
  if (code >= 97 && code <= 122) return "lower";
  if (code >= 65 && code <= 90) return "upper";
  if (code >= 48 && code <= 57) return "digit";
  return code === 45 || code === 95 ? "separator" : "other";
}
