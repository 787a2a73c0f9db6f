/** The demo's quantiles are those of Prometheus: the same buckets, the same results. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Bucket, histogramQuantile } from "../apps/demo/quantile.ts";

describe("histogramQuantile", () => {
  /** Series and results of Prometheus' own test, promql/testdata/histograms.test. */
  const positive = buckets([0.1, 5], [0.2, 7], [1, 11], [Infinity, 12]);
  const negative = buckets([-0.2, 1], [-0.1, 2], [0.3, 2], [Infinity, 3]);
  const job1 = buckets([0.1, 1], [0.2, 3], [Infinity, 4]);
  const all = buckets([0.1, 10], [0.2, 19], [Infinity, 25]);
  for (const [what, quantile, histogram, expected] of [
    ["below the range", -0.1, positive, -Infinity],
    ["above the range", 1.01, positive, Infinity],
    ["the start of a positive first bucket", 0, positive, 0],
    ["a negative first bucket", 0, negative, -0.2],
    ["the last bucket", 1, positive, 1],
    ["the last bucket of another", 1, negative, 0.3],
    ["within the first bucket", 0.2, positive, 0.048],
    ["within a negative first bucket", 0.2, negative, -0.2],
    ["between two bounds", 0.5, positive, 0.15],
    ["between two negative bounds", 0.5, negative, -0.15],
    ["a wide bucket", 0.8, positive, 0.72],
    ["an empty bucket before the last", 0.8, negative, 0.3],
    ["one instance", 0.3, job1, 0.11],
    ["one instance, median", 0.5, job1, 0.15],
    ["a sum over instances", 0.3, all, 0.075],
    ["a sum over instances, median", 0.5, all, 0.12777777777777777],
    ["no observations", 0.5, buckets([0.1, 0], [Infinity, 0]), Number.NaN],
    ["no buckets", 0.5, [], Number.NaN],
    ["only +Inf", 0.5, buckets([Infinity, 3]), Number.NaN],
    ["without +Inf", 0.5, buckets([0.1, 3], [0.2, 3]), Number.NaN],
    ["NaN", Number.NaN, positive, Number.NaN],
  ] satisfies [string, number, Bucket[], number][]) {
    it(`${what}: ${expected}`, () => {
      const actual = histogramQuantile(quantile, histogram);
      assert.ok(Object.is(actual, expected) || Math.abs(actual - expected) < 1e-9, `${actual}`);
    });
  }

  it("lies in the bucket that holds the observation of its rank", () => {
    const bounds = [0.1, 0.5, 1, 5];
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.001, max: 5, noNaN: true }), { minLength: 1 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (durations, quantile) => {
          const ascending = durations.toSorted((a, b) => a - b);
          const observed = ascending[Math.ceil(quantile * durations.length) - 1] as number;
          const upper = bounds.find((bound) => observed <= bound) as number;
          const lower = bounds[bounds.indexOf(upper) - 1] ?? 0;
          const estimated = histogramQuantile(
            quantile,
            buckets(
              ...[...bounds, Infinity].map((bound): [number, number] => [
                bound,
                durations.filter((duration) => duration <= bound).length,
              ]),
            ),
          );
          assert.ok(
            lower <= estimated && estimated <= upper * (1 + 1e-9),
            `${estimated} for ${observed}, in ${lower} to ${upper}`,
          );
        },
      ),
    );
  });
});

function buckets(...pairs: [upperBound: number, count: number][]): Bucket[] {
  return pairs.map(([upperBound, count]) => ({ upperBound, count }));
}
