/** Quantiles as Prometheus computes them from the buckets of a histogram. */

export interface Bucket {
  /** Upper bound, inclusive; `Infinity` for the last. */
  readonly upperBound: number;
  /** Observations up to that bound: cumulative, as in the exposition. */
  readonly count: number;
}

/**
 * The φ-quantile of the observations in the buckets, in the unit of their bounds; linear within a bucket, the first of
 * which starts at 0. What lies in the last bucket is only known to be above the highest finite bound, which is given.
 *
 * Source: `histogram_quantile` of Prometheus for classic histograms,
 * https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile (`bucketQuantile` in promql/quantile.go).
 *
 * @param quantile φ in [0, 1]; below: -Infinity, above: Infinity.
 * @param buckets ascending and cumulative.
 * @returns NaN without observations, with fewer than two buckets, or where the last bound is not Infinity.
 */
export function histogramQuantile(quantile: number, buckets: readonly Bucket[]): number {
  if (quantile < 0) return -Infinity;
  if (quantile > 1) return Infinity;
  const last = buckets.at(-1);
  if (Number.isNaN(quantile) || buckets.length < 2 || last?.upperBound !== Infinity || last.count === 0)
    return Number.NaN;

  const rank = quantile * last.count;
  const index = buckets.findIndex(({ count }) => count >= rank);
  const { upperBound, count } = buckets[index] as Bucket;
  const below = buckets[index - 1];
  if (upperBound === Infinity) return (below as Bucket).upperBound;
  if (below === undefined) return upperBound <= 0 ? upperBound : upperBound * (rank / count);
  return below.upperBound + (upperBound - below.upperBound) * ((rank - below.count) / (count - below.count));
}
