/** The instruments of the application, collected for several exporters at once, and what fails in its callbacks. */
import assert from "node:assert/strict";
import { mock } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { ValueType } from "@opentelemetry/api";
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  InstrumentType,
  type MetricData,
  type MetricProducer,
} from "@opentelemetry/sdk-metrics";
import fc from "fast-check";
import { Instruments, type SelectTemporality } from "../../src/exporter/instruments.ts";
import { eachOnce } from "../../src/log/log.ts";

const cumulative: SelectTemporality = () => AggregationTemporality.CUMULATIVE;
const delta: SelectTemporality = () => AggregationTemporality.DELTA;
const METER = "shop";

function instrumentsOf(
  otlpHistogramAggregation: ConstructorParameters<typeof Instruments>[0]["otlpHistogramAggregation"],
  onFailedCallback: (why: string) => void = assert.fail,
) {
  return new Instruments({ exporters: ["prometheus", "otlp"], otlpHistogramAggregation }, onFailedCallback);
}

async function collected(producer: MetricProducer, timeoutMillis?: number): Promise<Map<string, MetricData>> {
  const { resourceMetrics, errors } = await producer.collect(timeoutMillis === undefined ? {} : { timeoutMillis });
  assert.deepEqual(errors, [], "what fails is not the exporter's concern");
  return new Map(
    resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics.map((metric) => [metric.descriptor.name, metric])),
  );
}

/** The value of a sum, or the count of a histogram; 0 where nothing was measured. */
function amount(families: ReadonlyMap<string, MetricData>, name: string): number {
  const points = (families.get(name)?.dataPoints ?? []) as DataPoint<number | Histogram>[];
  return points.reduce((sum, { value }) => sum + (typeof value === "number" ? value : value.count), 0);
}

describe("the application's instruments", () => {
  it("are told cumulatively and as deltas at once: the deltas add up to what is told cumulatively", async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("count" as const), by: fc.integer({ min: 0, max: 1000 }) }),
      fc.record({ kind: fc.constantFrom("scrape" as const, "push" as const), by: fc.constant(0) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const instruments = instrumentsOf("explicit_bucket_histogram");
        const meter = instruments.provider.getMeter(METER);
        const [orders, weight] = [meter.createCounter("orders"), meter.createHistogram("weight")];
        const expected = { orders: 0, weight: 0, sent: 0 };
        const names = Object.keys(expected) as (keyof typeof expected)[];
        meter.createObservableCounter("sent").addCallback((result) => result.observe(expected.sent));
        const scraped = instruments.producer("prometheus", cumulative);
        const pushed = instruments.producer("otlp", delta);
        const arrived = { orders: 0, weight: 0, sent: 0 };
        const push = async () => {
          const families = await collected(pushed);
          for (const name of names) arrived[name] += amount(families, name);
        };
        const scrape = async () => {
          const families = await collected(scraped);
          for (const name of names) assert.equal(amount(families, name), expected[name], name);
        };

        for (const { kind, by } of steps) {
          if (kind === "scrape") await scrape();
          else if (kind === "push") await push();
          else {
            orders.add(by);
            weight.record(by);
            expected.orders += by;
            expected.weight += 1;
            expected.sent += by;
          }
        }
        await push();
        await scrape();
        assert.deepEqual(arrived, expected);
      }),
    );
  });

  it("tell an exporter no more than once what it was told as a delta", async () => {
    const instruments = instrumentsOf("explicit_bucket_histogram");
    instruments.provider.getMeter(METER).createCounter("orders").add(2);
    const pushed = instruments.producer("otlp", delta);
    assert.deepEqual([amount(await collected(pushed), "orders"), amount(await collected(pushed), "orders")], [2, 0]);
  });

  for (const { aggregation, scraped, pushed } of [
    {
      aggregation: "base2_exponential_bucket_histogram",
      scraped: DataPointType.HISTOGRAM,
      pushed: DataPointType.EXPONENTIAL_HISTOGRAM,
    },
    { aggregation: "explicit_bucket_histogram", scraped: DataPointType.HISTOGRAM, pushed: DataPointType.HISTOGRAM },
  ] as const)
    it(`${aggregation}: over OTLP only`, async () => {
      const instruments = instrumentsOf(aggregation);
      const meter = instruments.provider.getMeter(METER);
      meter.createHistogram("weight", { advice: { explicitBucketBoundaries: [1, 2] } }).record(1.5);
      const typeFor = async (producer: MetricProducer) => (await collected(producer)).get("weight")?.dataPointType;
      assert.equal(await typeFor(instruments.producer("prometheus", cumulative)), scraped);
      assert.equal(await typeFor(instruments.producer("otlp", delta)), pushed);
    });

  it("are not for an exporter that was not asked for", () =>
    assert.throws(() => instrumentsOf("explicit_bucket_histogram").producer("console", cumulative), RangeError));
});

describe("the application's instruments, at once", () => {
  const amounts = (instruments: ReturnType<ReturnType<typeof instrumentsOf>["producer"]>) =>
    Object.fromEntries(
      instruments
        .collectNow()
        .flatMap(({ metrics }) => metrics)
        .map((metric) => [
          metric.descriptor.name,
          amount(new Map([[metric.descriptor.name, metric]]), metric.descriptor.name),
        ]),
    );

  for (const [temporality, first, last] of [
    [cumulative, { orders: 3, weight: 1 }, { orders: 5, weight: 1 }],
    [delta, { orders: 1, weight: 1 }, { orders: 2 }],
  ] as const) {
    it(`are those that are counted, ${AggregationTemporality[temporality(InstrumentType.COUNTER)]}: an asynchronous callback is not called`, async () => {
      const instruments = instrumentsOf("explicit_bucket_histogram");
      const meter = instruments.provider.getMeter(METER);
      const [orders, weight] = [meter.createCounter("orders"), meter.createHistogram("weight")];
      let calls = 0;
      meter.createObservableGauge("sent").addCallback(async () => void calls++);
      const [pushed, scraped] = [
        instruments.producer("otlp", temporality),
        instruments.producer("prometheus", cumulative),
      ];
      orders.add(2);
      await collected(pushed);
      orders.add(1);
      weight.record(7);
      assert.deepEqual(amounts(pushed), first);
      orders.add(2);
      assert.deepEqual(amounts(pushed), last);
      assert.deepEqual(amounts(scraped), { orders: 5, weight: 1 }, "nothing is taken from another reader");
      assert.equal(calls, 1);
    });
  }

  for (const temporality of [cumulative, delta]) {
    it(`have what callbacks tell at once, ${AggregationTemporality[temporality(InstrumentType.COUNTER)]}`, async () => {
      const instruments = instrumentsOf("explicit_bucket_histogram");
      const meter = instruments.provider.getMeter(METER);
      const pushed = instruments.producer("otlp", temporality);
      const asked: (string | undefined)[] = [];
      let sent = 2;
      const [one, other] = [meter.createObservableGauge("one"), meter.createObservableUpDownCounter("other")];
      const whole = meter.createObservableGauge("whole", { valueType: ValueType.INT });
      meter.createObservableCounter("sent").addCallback((result) => {
        asked.push(instruments.collecting);
        result.observe(sent, { to: "a" });
      });
      meter.addBatchObservableCallback(
        (result) => {
          result.observe(one, 1);
          result.observe(other, 5, { of: "b" });
          result.observe(whole, 2.9);
          result.observe(whole, Number.NaN, { of: "nothing" });
        },
        [one, other, whole],
      );
      const fails = () => {
        throw new Error("no connection");
      };
      meter.createObservableGauge("throws").addCallback(fails);
      meter.createObservableGauge("late").addCallback(() => Promise.reject(new Error("no connection")));
      assert.deepEqual(amounts(pushed), { sent: 2, one: 1, other: 5, whole: 2 });
      sent = 7;
      const last = temporality === delta ? { sent: 5, other: 0 } : { sent: 7, other: 5 };
      assert.deepEqual(amounts(pushed), { one: 1, whole: 2, ...last });
      assert.deepEqual(asked, ["otlp", "otlp"]);
      assert.equal(instruments.collecting, undefined);
    });
  }
});

describe("a callback of the application", () => {
  for (const { how, fail } of [
    {
      how: "that throws",
      fail: () => {
        throw new Error("no connection");
      },
    },
    { how: "that rejects", fail: () => Promise.reject(new Error("no connection")) },
    {
      how: "that throws no Error",
      fail: () => {
        throw "no connection";
      },
    },
  ])
    it(`${how} is told of once, and the rest is exported`, async () => {
      const warnings: string[] = [];
      const instruments = instrumentsOf(
        "explicit_bucket_histogram",
        eachOnce((why) => warnings.push(why)),
      );
      const meter = instruments.provider.getMeter(METER);
      meter.createObservableGauge("broken").addCallback(fail);
      meter.createObservableGauge("whole").addCallback((result) => result.observe(7));
      meter.createCounter("orders").add(2);
      for (const producer of [instruments.producer("prometheus", cumulative), instruments.producer("otlp", cumulative)])
        for (let time = 0; time < 2; time++) {
          const families = await collected(producer);
          assert.deepEqual([amount(families, "whole"), amount(families, "orders")], [7, 2]);
          assert.deepEqual(families.get("broken")?.dataPoints ?? [], []);
        }
      assert.equal(warnings.length, 1);
      assert.match(
        warnings[0] as string,
        /^an observable instrument of the application is not exported: (?:Error: )?no connection$/,
      );
    });

  describe("that hangs", () => {
    beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
    afterEach(() => mock.timers.reset());

    for (const { what, timeoutMillis, heldMs, isLast = false } of [
      { what: "holds a scrape for 3 s", timeoutMillis: undefined, heldMs: 3000 },
      { what: "holds an export for 3 s, where it may take 30 s", timeoutMillis: 30_000, heldMs: 3000 },
      { what: "holds an export for 1 s, where it may take no more", timeoutMillis: 1000, heldMs: 1000 },
      { what: "holds the last export for half a second", timeoutMillis: 30_000, heldMs: 500, isLast: true },
    ])
      it(what, async () => {
        const warnings: string[] = [];
        const instruments = instrumentsOf("explicit_bucket_histogram", (why) => warnings.push(why));
        if (isLast) instruments.hurry();
        const meter = instruments.provider.getMeter(METER);
        for (const name of ["hanging", "hanging.too"])
          meter.createObservableGauge(name).addCallback(() => new Promise(() => {}));
        meter.createObservableGauge("whole").addCallback(async (result) => result.observe(7));
        let families: Map<string, MetricData> | undefined;
        const done = collected(instruments.producer("otlp", cumulative), timeoutMillis).then((result) => {
          families = result;
        });

        await turn();
        mock.timers.tick(heldMs - 1);
        await turn();
        assert.equal(families, undefined);
        mock.timers.tick(1);
        await done;
        assert.equal(amount(families ?? new Map(), "whole"), 7);
        assert.equal(warnings.length, 2, "both were waited for at the same time");
      });
  });
});
