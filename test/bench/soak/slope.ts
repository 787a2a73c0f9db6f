/** A measurement of the heap: bytes in use after so many requests. */
export interface HeapSample {
  readonly requests: number;
  readonly bytes: number;
}

/**
 * How the heap grows, in bytes for each request: the median of the slopes between all pairs of samples. A collection
 * that comes late or a function that is compiled is a step between two samples, and does not tilt it.
 * https://en.wikipedia.org/wiki/Theil%E2%80%93Sen_estimator
 *
 * @returns NaN of fewer than two samples
 */
export function heapSlope(samples: readonly HeapSample[]): number {
  const slopes = samples.flatMap((from, index) =>
    samples.slice(index + 1).map((to) => (to.bytes - from.bytes) / (to.requests - from.requests)),
  );
  slopes.sort((a, b) => a - b);
  const middle = (slopes.length - 1) / 2;
  return ((slopes[Math.floor(middle)] ?? Number.NaN) + (slopes[Math.ceil(middle)] ?? Number.NaN)) / 2;
}
