/**
 * Tells of most regular expressions for paths, by their shape, that they take quadratic time at most: `^/shops/[^/]+/items/\d+$`. It
 * saves loading the checker.
 *
 * A repetition whose characters cannot be the next one behind it has one way to match. Each other repetition may multiply the time
 * by the length of the text, and so may the search for the place where the match begins.
 */

const ATOM =
  /(?:\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[\da-fA-F]{4}|x[\da-fA-F]{2}|[^1-9kbBcux])|\[(?:\\.|[^\]\\])*\]|[^\\()|*+?{}[\]^$])/suy;
const QUANTIFIER = /([*+?]|\{\d+(?:,\d*)?\})\??/y;
const BOUNDS = /(\d+)(?:,(\d*))?\}/;
const GROUP = /\((?:\?(?::|<[\w$]+>|<?[=!]))?/y;
const LOOKBEHIND = /\(\?<[=!]/;
const ASSERTION = /[\^$]|\\[bB]/y;

interface Token {
  readonly text: string;
  readonly kind: "atom" | "open" | "close" | "assertion" | "or";
  readonly quantifier: string;
}

const LONGEST_TEXT = 1024;
/** Some tens of milliseconds: what quadratic time comes to, with a few alternatives. */
const MOST_STEPS = 64 * LONGEST_TEXT ** 2;

/** @param source of an expression with the flag `u`. @returns false also where the shape does not tell */
export function takesQuadraticTimeAtMost(source: string): boolean {
  const tokens = tokensOf(source);
  if (tokens === undefined) return false;
  const isAnchored = tokens[0]?.text === "^" && !tokens.some(({ kind }) => kind === "or");
  let steps = isAnchored ? 1 : LONGEST_TEXT;
  const isBackward = LOOKBEHIND.test(source);
  let hasOneWay = false;
  for (const [index, { kind, quantifier }] of tokens.entries()) {
    const ways = kind === "or" ? 2 : waysOf(quantifier);
    if (kind === "close" && !["", "?"].includes(quantifier)) {
      // else it may match the same text in several ways
      if (isBackward || !isMarkedOff(tokens, index)) return false;
      hasOneWay = true;
    } else if (ways >= LONGEST_TEXT && !isBackward && isFollowedByAnother(tokens, index)) hasOneWay = true;
    else steps *= ways;
  }
  return steps * (hasOneWay ? LONGEST_TEXT : 1) <= MOST_STEPS;
}

/** How often the quantifier lets a character be there. */
function waysOf(quantifier: string): number {
  if (quantifier === "" || quantifier === "?") return quantifier.length + 1;
  const [, least, most = least] = BOUNDS.exec(quantifier) ?? [];
  return most ? Math.min(LONGEST_TEXT, Number(most) - Number(least) + 1) : LONGEST_TEXT;
}

/** Whether the repetition ends where it must: at the end of the expression, or before a character that is none of its own. */
function isFollowedByAnother(tokens: readonly Token[], index: number, repeated = tokens[index] as Token): boolean {
  let next = index + 1;
  while (tokens[next]?.kind === "close") next += 1;
  const token = tokens[next];
  if (token === undefined || (token.text === "$" && next === tokens.length - 1)) return true;
  const isThere = token.kind === "atom" && ["", "+"].includes(token.quantifier);
  return isThere && areDisjoint(repeated, token);
}

/** Whether a repeated group starts with a character that is nowhere else in it, nor behind it: `(/[^/]+)*$`. */
function isMarkedOff(tokens: readonly Token[], closing: number): boolean {
  const opening = tokens.findLastIndex(({ kind }, index) => index < closing && kind !== "atom");
  const [first, ...others] = tokens.slice(opening + 1, closing);
  if (tokens[opening]?.kind !== "open" || first?.quantifier !== "") return false;
  if (!isFollowedByAnother(tokens, closing, first)) return false;
  return others.every(({ quantifier }, index) => {
    const at = opening + 2 + index;
    if (!areDisjoint(first, tokens[at] as Token)) return false;
    return quantifier === "" || (["*", "+"].includes(quantifier) && isFollowedByAnother(tokens, at));
  });
}

/** Paths come as Latin-1. */
const CHARACTERS = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));

function areDisjoint(one: Token, other: Token): boolean {
  const [isOne, isOther] = [one, other].map(({ text }) => new RegExp(`^${text}$`, "u")) as [RegExp, RegExp];
  return !CHARACTERS.some((character) => isOne.test(character) && isOther.test(character));
}

/** Undefined for what is not listed here: backreferences, flags of groups. */
function tokensOf(source: string): Token[] | undefined {
  const tokens: Token[] = [];
  let at = 0;
  const take = (expression: RegExp): RegExpExecArray | null => {
    expression.lastIndex = at;
    const match = expression.exec(source);
    at += match?.[0].length ?? 0;
    return match;
  };
  while (at < source.length) {
    const start = at;
    const kind = kindOf(take);
    if (kind === undefined) return undefined;
    const text = source.slice(start, at);
    const quantifier = kind === "atom" || kind === "close" ? take(QUANTIFIER)?.[1] : undefined;
    tokens.push({ text, kind, quantifier: quantifier ?? "" });
  }
  return tokens;
}

function kindOf(take: (expression: RegExp) => RegExpExecArray | null): Token["kind"] | undefined {
  if (take(ATOM)) return "atom";
  if (take(GROUP)) return "open";
  if (take(/\)/y)) return "close";
  if (take(/\|/y)) return "or";
  return take(ASSERTION) ? "assertion" : undefined;
}
