/**
 * The paths that most services answer most of the time, words and whole numbers (`/api/v1/users/42`), in one pass over
 * their characters. Expressions for the same cost a request as much as everything else that is done for it.
 */

export const ID = ":id";
export const MAX_SEGMENTS = 12;

/** No identifier is like this: so much for words, `page_size`, and for versions, `v2`. Others are judged by the rules. */
const MOST_LETTERS = 11;
const MOST_LOWER_CASE = 19;
const MOST_BEFORE_DIGITS = 5;
const MOST_DIGITS_BEHIND = 2;

const SLASH = 47;

/**
 * Hot path (per request to a server without a router).
 *
 * @returns the path with `:id` for each whole number; undefined where it has anything but numbers and such words
 */
export function plainTemplateOf(path: string): string | undefined {
  if (path.length < 2 || path.charCodeAt(0) !== SLASH) return undefined;
  let template = "";
  /** What is in the template already. */
  let copied = 0;
  let segments = 0;
  let start = 1;
  let digits = 0;
  let capitals = 0;
  let marks = 0;
  for (let i = 1; i <= path.length; i++) {
    const code = i === path.length ? SLASH : path.charCodeAt(i);
    if (code >= 97 && code <= 122) {
      if (digits > 0) return undefined;
    } else if (code >= 48 && code <= 57) digits++;
    else if (code === SLASH) {
      const length = i - start;
      if (length === 0 || ++segments > MAX_SEGMENTS) return undefined;
      if (digits === length) {
        template += path.slice(copied, start) + ID;
        copied = i;
      } else if (!isWord(length, digits, capitals, marks)) return undefined;
      start = i + 1;
      digits = 0;
      capitals = 0;
      marks = 0;
    } else if (digits > 0) return undefined;
    else if (code >= 65 && code <= 90) capitals++;
    // a dot may not come first: it may stand for a directory
    else if (i > start && (code === 45 || code === 46 || code === 95)) marks++;
    else return undefined;
  }
  return copied === 0 ? path : template + path.slice(copied);
}

/** The digits, if any, come last. */
function isWord(length: number, digits: number, capitals: number, marks: number): boolean {
  if (digits > 0) {
    return capitals + marks === 0 && digits <= MOST_DIGITS_BEHIND && length - digits <= MOST_BEFORE_DIGITS;
  }
  return length <= (marks === 0 ? MOST_LETTERS : 0) || (capitals === 0 && length <= MOST_LOWER_CASE);
}
