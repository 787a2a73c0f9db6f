/**
 * The checker of regular expressions, in a file of its own: it takes 3 MB, and is loaded for patterns of few shapes.
 * https://makenowjust-labs.github.io/recheck/
 */
import recheck from "recheck/lib/browser.js";

/** From this degree on, a path of 1,024 characters takes seconds. */
const CUBIC = 3;

/** Bounds what the checker tries by itself with backreferences and lookarounds, for which it has no proof. */
const TRIALS = { maxIteration: 2, maxGeneStringSize: 500 };

/** A repeated character is one without bound from this number on, a repeated group sooner: its parts repeat, too. */
const MANY_CHARACTERS = 64;
const MANY_GROUPS = 6;

const REWRITTEN = /\\.|\[(?:\\.|[^\]\\])*\]|\(\?([a-z-]+):|(\)?)\{(\d+),(\d+)\}/gs;

/**
 * @param source of an expression with the flag `u`
 * @param longestMs for how long the checker may look
 * @returns how much time the expression may take with some text, if that is cubic or more; undefined also where the checker cannot
 *   tell
 */
export function excessiveTime(source: string, longestMs: number): string | undefined {
  const found = recheck.checkSync(forChecker(source), "u", { timeout: longestMs, ...TRIALS });
  if (found.status !== "vulnerable") return undefined;
  const { complexity } = found;
  if (complexity.type === "exponential") return "exponential time";
  return complexity.degree >= CUBIC ? `time that grows by the power of ${complexity.degree}` : undefined;
}

/** The checker proves nothing of bounds (to it, `(a{1,99}){1,99}` takes constant time), and does not know flags of groups. */
function forChecker(source: string): string {
  return source.replace(REWRITTEN, (text, flags: string | undefined, group: string | undefined, least, most) => {
    if (flags !== undefined) return "(?:";
    if (group === undefined || Number(most) < (group === "" ? MANY_CHARACTERS : MANY_GROUPS)) return text;
    return `${group}${Number(least) === 0 ? "*" : "+"}`;
  });
}
