/**
 * The `path` label where no router tells the route: the path of the request target, identifiers replaced by `:id`.
 *
 * The path: no query, no fragment; the path of an absolute-form target; `*` (OPTIONS) is `*`; anything else that does not
 * start with '/' (CONNECT's authority, garbage) is `/*`. Dot segments are resolved as the URL standard does, repeated slashes are
 * one, a trailing slash is dropped (`/users/` and `/users` are one label), case is kept. Past 12 segments or 256
 * characters the rest is `/*`.
 *
 * A segment, judged with its percent-escapes decoded and returned as it came if it is a word, is replaced where it
 * - has a digit and no letter: integers, dates, decimals, lists, IPv4 (but `2.0`, up to two digits each, is an API's version);
 * - is hex with a digit, from 8 characters (`/feedface` and `/2fa` are words): ObjectIds, hashes, UUIDs without dashes; or has the shape of a ULID;
 * - contains a UUID, a date or five digits in a row, which no word does; or is a timestamp or a JWT;
 * - is random, from 20 characters (see `restlessness`): nanoids, tokens; slugs and long camelCase names are words;
 * - contains what only data does: non-ASCII, control characters, space, an inner '@' (emails), or any of `/ ? # \ ; = &`;
 * - is longer than 64 characters.
 *
 * Kept beside `:id` is a word in front (`cus_:id`, `order-:id`, `main.:id.js`; numbers there need three digits in a row, so that
 * `page_2` and `covid-19` are words), file extensions (`:id.tar.gz`) and a custom verb (`:id:cancel`). Segments that start with ':'
 * and `*` stay: they are templates already. Short letter-digit mixes (`v1`, `h264`, `42-a-title`) are words; the label
 * budget bounds what these rules miss, and RED_PATH_PATTERNS is for paths they misjudge.
 */

/** An extra rule: `replacement` as for String.prototype.replace (`$1`, `$<name>`); every match if the pattern is global, else the first. */
export interface PathPattern {
  readonly pattern: RegExp;
  readonly replacement: string;
}

const ID = ":id";
const REST = "/*";
const MAX_SEGMENTS = 12;
const MAX_LABEL_CHARS = 256;
/** Longer paths are shortened before a user's pattern sees them: we cannot know that it runs in linear time. */
const MAX_PATTERN_INPUT_CHARS = 1024;
const MAX_WORD_CHARS = 64;
/** Ahead of any expression with a repetition: it keeps all of them cheap on hostile input. Room for a word and an extension. */
const MAX_SEGMENT_CHARS = 80;
const MIN_TOKEN_CHARS = 20;
/** After `prefix_`, which announces an identifier: Stripe's have 14. */
const MIN_PREFIXED_TOKEN_CHARS = 10;

/** Most of what a service answers, ahead of all other tests: nothing of this is an identifier, nor near a limit. */
const PLAIN = "[a-z][a-z_.-]{0,18}|[A-Za-z]{1,11}|[a-z]{1,5}\\d{1,2}";
const PLAIN_SEGMENT = new RegExp(`^(?:${PLAIN})$`);
const PLAIN_PATH = new RegExp(`^(?:/(?:${PLAIN})){1,${MAX_SEGMENTS}}$`);
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
/** The two kinds of extension exclude each other, or the repetition would be exponential. */
const SUFFIX = /(?:\.(?:[a-z]{1,12}|(?=[a-z]*\d)(?=\d*[a-z])[a-z\d]{1,5})){0,3}(?::[a-z]{1,24})?$/i;
const PREFIXED = /^((?:[a-z]+_)+|[a-z]+[-.])(.+)$/i;
const TOKEN_PREFIX = /^[a-z_]+_$/;
const SEPARATOR = /[^a-z\d]/i;

/**
 * Returns the function from a request target as received (`req.url`) to its path label, by the rules above. The function never throws;
 * its label is printable ASCII and, without patterns, a fixed point: normalising it again changes nothing.
 *
 * Patterns are applied first and in turn, each to the whole path (without query) as the one before left it. The built-in rules
 * then judge the result too: write `:name` or `*` for what they shall leave alone.
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
    return templateOf(path);
  };
}

function pathOf(target: string): string {
  const end = target.search(/[?#]/);
  const path = end === -1 ? target : target.slice(0, end);
  if (path.startsWith("/") || path === "" || path === "*") return path;
  const origin = ORIGIN.exec(path);
  return origin === null ? REST : path.slice(origin[0].length);
}

/** Hot path. */
function templateOf(path: string): string {
  if (PLAIN_PATH.test(path)) return path;
  let template = "";
  let segments = 0;
  for (let start = 0, end = 0; start < path.length; start = end + 1) {
    end = path.indexOf("/", start);
    if (end === -1) end = path.length;
    if (end === start) continue;
    const segment = path.slice(start, end);
    if (SAME_DIRECTORY.test(segment)) continue;
    if (PARENT_DIRECTORY.test(segment)) {
      template = template.slice(0, Math.max(0, template.lastIndexOf("/")));
      segments = Math.max(0, segments - 1);
      continue;
    }
    const label = normalizeSegment(segment);
    if (segments === MAX_SEGMENTS || template.length + 1 + label.length > MAX_LABEL_CHARS) return template + REST;
    template += `/${label}`;
    segments += 1;
  }
  return template === "" ? "/" : template;
}

/**
 * One path segment (no slash), percent-encoded or not: `:id` in the place of an identifier, else the segment as it came.
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
  if (segment === "*" || segment.startsWith(":")) return segment;
  if (TIMESTAMP_OR_JWT.test(text) || NUMBER.test(text)) return ID;
  const suffix = text.includes(".") || text.includes(":") ? (SUFFIX.exec(text)?.[0] ?? "") : "";
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

/** Only after lower case and '_', and without a further separator: any nanoid with a '_' or '-' would have a prefix otherwise. */
function isPrefixedToken(prefix: string, rest: string): boolean {
  return (
    rest.length >= MIN_PREFIXED_TOKEN_CHARS &&
    TOKEN_PREFIX.test(prefix) &&
    !SEPARATOR.test(rest) &&
    restlessness(rest) >= 1 / 4
  );
}

/**
 * The limits were set on random identifiers and on the 20,000 names of 20 to 64 characters in a node_modules. What passes for a
 * word is 0.5 % of base62, 1 % of nanoids and 2 % of base36 (of 20 characters); one name in 400 passes for an identifier.
 */
function isToken(text: string): boolean {
  return text.length >= MIN_TOKEN_CHARS && restlessness(text) >= (DIGIT.test(text) ? 1 / 4 : 1 / 3);
}

/**
 * How often the kind of character (digit, lower, upper) changes, per character: words rarely do. A capital that starts a word is
 * one change, a separator none. 1 where digits come and go in one unbroken run, 0 for what no token consists of.
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
