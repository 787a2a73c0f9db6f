/**
 * The paths that most services answer most of the time, in one pass over their characters: words, and identifiers as
 * databases make them (`/api/v1/users/42`, UUIDs, hexadecimal digits, dates). Expressions for the same cost a request as
 * much as everything else that is done for it.
 */

export const ID = ":id";
export const MAX_SEGMENTS = 12;

/** No identifier is like this: so much for words, `page_size`, and for versions, `v2`. Others are judged by the rules. */
const MOST_LETTERS = 11;
const MOST_LOWER_CASE = 19;
const MOST_BEFORE_DIGITS = 5;
const MOST_DIGITS_BEHIND = 2;

/** From this length on, hexadecimal digits are no word if one of them is a decimal one. */
const FEWEST_HEX_DIGITS = 8;
const UUID_LENGTH = 36;
/** Where a UUID has its dashes, as bits. */
const UUID_DASHES = (1 << 8) | (1 << 13) | (1 << 18) | (1 << 23);

const SLASH = 47;
const DASH = 45;

/**
 * Hot path (per request to a server without a router).
 *
 * @returns the path with `:id` for each identifier; undefined where it has anything but such identifiers and words
 */
export function plainTemplateOf(path: string): string | undefined {
  if (path.length < 2 || path.charCodeAt(0) !== SLASH) return undefined;
  let template = "";
  /** What is in the template already. */
  let copied = 0;
  let segments = 0;
  let start = 1;
  while (start <= path.length) {
    if (++segments > MAX_SEGMENTS) return undefined;
    let end = endOfWord(path, start, path.length);
    if (end === NONE) {
      end = endOfIdentifier(path, start, path.length);
      if (end === NONE) return undefined;
      template += path.slice(copied, start) + ID;
      copied = end;
    }
    start = end + 1;
  }
  return copied === 0 ? path : template + path.slice(copied);
}

/** The segment is of another kind. */
export const NONE = -1;

/**
 * Hot path. Where the segment that starts here ends, if it is a word; digits, if any, come last.
 *
 * @param length of the path, in a text that may go on
 */
export function endOfWord(path: string, start: number, length: number): number {
  let digits = 0;
  let capitals = 0;
  let marks = 0;
  let i = start;
  for (; i < length; i++) {
    const code = path.charCodeAt(i);
    if (code >= 48 && code <= 57) digits++;
    else if (code === SLASH) break;
    else if (digits > 0) return NONE;
    else if (code >= 65 && code <= 90) capitals++;
    // a dot may not come first: it may stand for a directory
    else if (i > start && (code === DASH || code === 46 || code === 95)) marks++;
    else if (code < 97 || code > 122) return NONE;
  }
  return isWord(i - start, digits, capitals, marks) ? i : NONE;
}

function isWord(length: number, digits: number, capitals: number, marks: number): boolean {
  if (digits > 0) {
    const letters = length - digits;
    return capitals + marks === 0 && digits <= MOST_DIGITS_BEHIND && letters > 0 && letters <= MOST_BEFORE_DIGITS;
  }
  if (length === 0) return false;
  return length <= (marks === 0 ? MOST_LETTERS : 0) || (capitals === 0 && length <= MOST_LOWER_CASE);
}

/**
 * Hot path. Where the segment that starts here ends, if it is an identifier: digits, with dashes or without, hexadecimal
 * or not.
 */
export function endOfIdentifier(path: string, start: number, length: number): number {
  let digits = 0;
  let letters = 0;
  let dashes = 0;
  let i = start;
  for (; i < length; i++) {
    const code = path.charCodeAt(i);
    if (code >= 48 && code <= 57) digits++;
    else if (code >= 97 && code <= 102) letters++;
    else if (code === SLASH) break;
    // the shift is by the position modulo 32: what is too long for it has another length than a UUID
    else if (code === DASH && i > start) dashes |= 1 << (i - start);
    else return NONE;
  }
  if (digits === 0) return NONE;
  const chars = i - start;
  const isIdentifier =
    letters === 0 || (dashes === 0 ? chars >= FEWEST_HEX_DIGITS : chars === UUID_LENGTH && dashes === UUID_DASHES);
  return isIdentifier ? i : NONE;
}
