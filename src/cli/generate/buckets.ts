/** Bounds of buckets that answer an objective: an edge at it, and more edges the nearer to it. */
import { MOST_BUCKETS } from "../../config/red-variables.ts";

/**
 * Of the objective. 1 is what the objective is measured by, 4 is where a visitor is frustrated
 * (https://en.wikipedia.org/wiki/Apdex), and the others keep a quantile that moves away from it legible.
 */
const MULTIPLES = [0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 4, 10];

/** The objective itself stays as it was given. */
const SIGNIFICANT_DIGITS = 3;

/** Upper bounds in seconds, ascending, distinct. */
export function bucketsAround(latencySeconds: number): number[] {
  const bounds = MULTIPLES.map((multiple) =>
    multiple === 1 ? latencySeconds : Number((multiple * latencySeconds).toPrecision(SIGNIFICANT_DIGITS)),
  );
  return ascending(bounds.filter((bound) => bound > 0 && Number.isFinite(bound)));
}

/** The edges next to a duration: the last below and the first above it. */
export function nearestEdges(bounds: readonly number[], seconds: number): number[] {
  return [bounds.findLast((bound) => bound < seconds), bounds.find((bound) => bound > seconds)].filter(
    (bound) => bound !== undefined,
  );
}

/** The same bounds with this one among them; where there is no room for one more, the nearest has to go. */
export function withEdge(bounds: readonly number[], seconds: number): number[] {
  if (bounds.includes(seconds)) return [...bounds];
  const distance = (bound: number) => Math.abs(bound - seconds);
  const nearest = bounds.reduce((best, bound) => (distance(bound) < distance(best) ? bound : best));
  const kept = bounds.length < MOST_BUCKETS ? bounds : bounds.filter((bound) => bound !== nearest);
  return ascending([...kept, seconds]);
}

function ascending(bounds: readonly number[]): number[] {
  return [...new Set(bounds)].sort((a, b) => a - b);
}
