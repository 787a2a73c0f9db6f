/** Families of the application's instruments held against OpenTelemetry's own serializer, where the names agree. */
import assert from "node:assert/strict";
import type { Attributes, Meter } from "@opentelemetry/api";
import { PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { emptyResource } from "@opentelemetry/resources";
import { MeterProvider, MetricReader, type ResourceMetrics } from "@opentelemetry/sdk-metrics";
import fc from "fast-check";
import { exposition } from "../../src/exporter/prometheus/exposition.ts";
import { type Exposition, parseExposition } from "../support/exposition.ts";
import { textOf } from "../support/exposition-text.ts";

class TestReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

type Measure = (meter: Meter, name: string, value: number, attributes: Attributes) => void;

/** Without units and dots, which OpenTelemetry leaves out of the names or writes otherwise. The key is part of the name. */
const KINDS: Readonly<Record<string, Measure>> = {
  counter: (meter, name, value, attributes) => meter.createCounter(name, HELP).add(Math.abs(value), attributes),
  updown: (meter, name, value, attributes) => meter.createUpDownCounter(name, HELP).add(value, attributes),
  gauge: (meter, name, value, attributes) => meter.createGauge(name, HELP).record(value, attributes),
  histogram: (meter, name, value, attributes) => meter.createHistogram(name, HELP).record(Math.abs(value), attributes),
  advised: (meter, name, value, attributes) => {
    const advice = { explicitBucketBoundaries: [0.25, 1, 1000, 1e21] };
    meter.createHistogram(name, { ...HELP, advice }).record(Math.abs(value), attributes);
  },
  observed_counter: (meter, name, value, attributes) => {
    const counter = meter.createObservableCounter(name, HELP);
    counter.addCallback((result) => result.observe(Math.abs(value), attributes));
  },
  observed_updown: (meter, name, value, attributes) => {
    const upDown = meter.createObservableUpDownCounter(name, HELP);
    upDown.addCallback((result) => result.observe(value, attributes));
  },
  observed_gauge: (meter, name, value, attributes) => {
    const gauge = meter.createObservableGauge(name, HELP);
    gauge.addCallback((result) => result.observe(value, attributes));
  },
};
const HELP = { description: 'Help with "quotes", a \\ and\na second line' };

const kind = fc.constantFrom(...Object.keys(KINDS));
const word = fc.constantFrom("orders", "carts", "weight");
const attributes = fc.dictionary(
  fc.constantFrom("kind", "a_b", "status"),
  // to Prometheus, an empty label is none; a lone surrogate is written as UTF-8 would have it
  fc.oneof(fc.string({ unit: "binary", minLength: 1 }), fc.integer(), fc.double(), fc.boolean(), fc.array(fc.string())),
  { maxKeys: 3 },
);
const scope = fc.record({
  name: fc.string({ minLength: 1 }),
  version: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
  schemaUrl: fc.option(fc.webUrl(), { nil: undefined }),
});
const value = fc.double({ noNaN: true, noDefaultInfinity: true });
const measurement = fc.record({ kind, word, value, attributes, scope });

/** What is ours besides: there is no resource to be told. */
const OURS: ReadonlySet<string> = new Set(["target_info", "otel_red_scrape_duration_seconds"]);

function ours(metrics: ResourceMetrics): Exposition {
  const { families, samples } = parseExposition(textOf(exposition(metrics, "text", () => 0, assert.fail)));
  for (const name of OURS) families.delete(name);
  return { families, samples: samples.filter(({ name }) => !OURS.has(name)) };
}

function theirs(metrics: ResourceMetrics): Exposition {
  const withoutTargetInfo = true;
  return parseExposition(`${new PrometheusSerializer("", false, undefined, withoutTargetInfo).serialize(metrics)}\n`);
}

/** In an order of their own, and without `# UNIT`. */
function comparable({ families, samples }: Exposition): object {
  const key = ({ name, labels }: Exposition["samples"][number]) =>
    `${name} ${JSON.stringify(Object.entries(labels).sort())}`;
  return {
    families: new Map(
      [...families].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { help, type }]) => [name, { help, type }]),
    ),
    samples: new Map(
      samples.map((sample) => [key(sample), sample.value] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  };
}

describe("families of the application's instruments, against OpenTelemetry's serializer", () => {
  it("are the same families with the same samples", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(measurement, { minLength: 1, maxLength: 10 }), async (measurements) => {
        const reader = new TestReader();
        const provider = new MeterProvider({ resource: emptyResource(), readers: [reader] });
        for (const { kind, word, value, attributes, scope } of measurements) {
          const { name, version, schemaUrl } = scope;
          const meter = provider.getMeter(name, version, schemaUrl === undefined ? {} : { schemaUrl });
          (KINDS[kind] as Measure)(meter, `${word}_${kind}`, value, attributes);
        }
        const { resourceMetrics, errors } = await reader.collect();
        assert.deepEqual(errors, []);
        const expected = theirs(resourceMetrics);
        assert.ok(expected.samples.length > 0);
        assert.deepEqual(comparable(ours(resourceMetrics)), comparable(expected));
      }),
    );
  });
});
