/** The aggregator of `light`, held against the SDK's own under the very same view. */
import assert from "node:assert/strict";
import {
  AggregationTemporality,
  type HistogramMetricData,
  MeterProvider,
  MetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
} from "@opentelemetry/semantic-conventions";
import fc from "fast-check";
import { Aggregator } from "../../src/view/aggregator.ts";
import { LabelSets } from "../../src/view/label-sets.ts";
import { METHODS } from "../../src/view/methods.ts";
import { DEFAULT_DURATION_BUCKETS, redView } from "../../src/view/red.ts";
import { bucketCount, type RequestsInFlight, requestCount, stride } from "../../src/view/snapshot.ts";

const NONE_IN_FLIGHT: RequestsInFlight = { excluded: 0, forEachOperation: () => {} };

function viewOf(durationBuckets: readonly number[]) {
  return redView({ service: "shop", pathLabel: "path", durationBuckets, maxLabelSets: 10_000 });
}

class Sdk extends MetricReader {
  readonly #provider: MeterProvider;
  constructor(durationBuckets: readonly number[]) {
    super({ aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE });
    this.#provider = new MeterProvider({ views: [viewOf(durationBuckets)], readers: [this] });
  }
  get histogram() {
    return this.#provider.getMeter("sdk").createHistogram("http.server.request.duration", { unit: "s" });
  }
  async data(): Promise<HistogramMetricData> {
    const { resourceMetrics } = await this.collect();
    return resourceMetrics.scopeMetrics[0]?.metrics[0] as HistogramMetricData;
  }
  protected override async onShutdown(): Promise<void> {}
  protected override async onForceFlush(): Promise<void> {}
}

const boundaries = fc.oneof(
  fc.constant(DEFAULT_DURATION_BUCKETS),
  fc
    .uniqueArray(fc.double({ min: Number.MIN_VALUE, max: 1e6, noNaN: true }), {
      minLength: 1,
      maxLength: 30,
      size: "max",
    })
    .map((bounds) => bounds.sort((a, b) => a - b)),
);

/** Durations, some of them right on a boundary. */
function observations(bounds: readonly number[]) {
  return fc.array(
    fc.record({
      path: fc.constantFrom("/", "/users", "/users/:id", "/orders"),
      methodIndex: fc.nat(METHODS.length - 1),
      statusCode: fc.constantFrom(200, 404, 500),
      durationSeconds: fc.oneof(
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        fc.constantFrom(0, ...bounds),
        fc.constantFrom(...bounds).map((bound) => bound + bound * Number.EPSILON),
      ),
    }),
    { maxLength: 200, size: "max" },
  );
}

describe("Aggregator", () => {
  it("has the buckets, sums and counts of the SDK's histogram", async () => {
    const given = boundaries.chain((bounds) => fc.tuple(fc.constant(bounds), observations(bounds)));
    await fc.assert(
      fc.asyncProperty(given, async ([bounds, observed]) => {
        const sdk = new Sdk(bounds);
        const { histogram } = sdk;
        const view = viewOf(bounds);
        const labelSets = new LabelSets(10_000, view.attributesProcessors[0]);
        const aggregator = new Aggregator(view, labelSets, 0);
        for (const { path, methodIndex, statusCode, durationSeconds } of observed) {
          aggregator.record(labelSets.labelSet(labelSets.template(path), methodIndex, statusCode), durationSeconds);
          histogram.record(durationSeconds, {
            [ATTR_HTTP_REQUEST_METHOD]: METHODS[methodIndex],
            [ATTR_HTTP_RESPONSE_STATUS_CODE]: statusCode,
            [ATTR_HTTP_ROUTE]: path,
          });
        }
        const snapshot = aggregator.snapshot(NONE_IN_FLIGHT, 0);
        const ours = snapshot.labelSets.map(({ index, attributes }) => {
          const start = index * stride(snapshot.boundaries);
          const counts = [...snapshot.values.subarray(start, start + bucketCount(snapshot.boundaries))];
          const sum = snapshot.values[start + counts.length];
          return {
            attributes: { ...attributes },
            boundaries: snapshot.boundaries,
            counts,
            sum,
            count: requestCount(snapshot, index),
          };
        });
        const theirs = ((await sdk.data())?.dataPoints ?? []).map(({ attributes, value: { buckets, sum, count } }) => {
          return { attributes, boundaries: buckets.boundaries, counts: buckets.counts, sum, count };
        });
        assert.deepEqual(ours, theirs);
      }),
      { numRuns: 60 },
    );
  });

  it("grows with the label sets, and loses nothing", () => {
    const view = viewOf([1]);
    const labelSets = new LabelSets(10_000, view.attributesProcessors[0]);
    const aggregator = new Aggregator(view, labelSets, 0);
    for (let i = 0; i < 500; i++) aggregator.record(labelSets.labelSet(labelSets.template(`/${i}`), 0, 200), i / 1000);
    const { values, count } = aggregator.snapshot(NONE_IN_FLIGHT, 0);
    assert.equal(count, 500);
    assert.deepEqual([...values], Array.from({ length: 500 }, (_, i) => [1, 0, i / 1000]).flat());
  });

  it("has room for a label set that comes far behind the others: some are in flight, and others excluded", () => {
    const view = viewOf([1]);
    const labelSets = new LabelSets(10_000, view.attributesProcessors[0]);
    const aggregator = new Aggregator(view, labelSets, 0);
    for (let i = 0; i < 1000; i++) labelSets.labelSet(labelSets.template(`/${i}`), 0, 200);
    const last = labelSets.labelSet(labelSets.template("/last"), 0, 200);
    aggregator.record(last, 2);
    const snapshot = aggregator.snapshot(NONE_IN_FLIGHT, 0);
    assert.equal(snapshot.values.length, 1001 * stride(snapshot.boundaries));
    assert.deepEqual([requestCount(snapshot, 0), requestCount(snapshot, last.index)], [0, 1]);
  });

  it("a snapshot stays as it was taken", () => {
    const view = viewOf([1]);
    const labelSets = new LabelSets(100, view.attributesProcessors[0]);
    const aggregator = new Aggregator(view, labelSets, 1000);
    const labelSet = labelSets.labelSet(labelSets.template("/"), 0, 200);
    aggregator.record(labelSet, 1);
    const snapshot = aggregator.snapshot(NONE_IN_FLIGHT, 2000);
    aggregator.record(labelSet, 5);
    labelSet.operation.aborted++;
    aggregator.record(labelSets.labelSet(labelSets.template("/later"), 0, 200), 5);
    assert.deepEqual([...snapshot.values], [1, 0, 1]);
    assert.deepEqual([snapshot.count, snapshot.active.length, [...snapshot.aborted]], [1, 1, [0]]);
    assert.deepEqual([snapshot.startedAtMs, snapshot.takenAtMs], [1000, 2000]);
  });
});
