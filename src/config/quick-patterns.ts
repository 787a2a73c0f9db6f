/**
 * The patterns of RED_PATH_PATTERNS without those that a client could use to block the event loop.
 */
import { loadLate } from "../node/late.ts";
import { takesQuadraticTimeAtMost } from "./quick-shape.ts";
import type { PathPattern } from "./red-variables.ts";
import { quoted } from "./variable.ts";

/** For all patterns together. What cannot be told within that time is used. */
const LONGEST_CHECK_MS = 3000;

/**
 * @param onLeftOut takes why a pattern is left out, and the remedy
 * @returns the patterns for which it is not known that a path can make them take cubic time or more
 */
export function quickPatterns(
  patterns: readonly PathPattern[],
  nowMs: () => number,
  onLeftOut: (why: string) => void,
): readonly PathPattern[] {
  const untilMs = nowMs() + LONGEST_CHECK_MS;
  return patterns.filter(({ pattern: { source } }) => {
    const time = takesQuadraticTimeAtMost(source) ? undefined : checked(source, Math.ceil(untilMs - nowMs()));
    if (time === undefined) return true;
    onLeftOut(
      // a RegExp writes its slashes with a backslash, the variable need not
      `RED_PATH_PATTERNS: the pattern ${quoted(source.replaceAll("\\/", "/"))} is left out: a path can make it take ${time}. ` +
        "Repeat nothing that is repeated already, and put a character between two repetitions that the first one does not " +
        "match; [^/]+ is a segment",
    );
    return false;
  });
}

/** As `excessiveTime`. A checker that fails cannot tell. */
function checked(source: string, longestMs: number): string | undefined {
  if (longestMs <= 0) return undefined;
  try {
    return loadLate<typeof import("./check-pattern.ts")>("check-pattern").excessiveTime(source, longestMs);
  } catch {
    return undefined;
  }
}
