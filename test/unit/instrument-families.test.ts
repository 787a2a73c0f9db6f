/** The application's own instruments in both formats: one valid exposition, whatever they are called, and nothing lost unsaid. */
import assert from "node:assert/strict";
import { ValueType } from "@opentelemetry/api";
import { AggregationTemporality, DataPointType, type MetricData, type ScopeMetrics } from "@opentelemetry/sdk-metrics";
import fc from "fast-check";
import { exposition } from "../../src/exporter/prometheus/exposition.ts";
import type { ExpositionFormat } from "../../src/exporter/prometheus/format.ts";
import { parseExposition } from "../support/exposition.ts";
import { textOf } from "../support/exposition-text.ts";
import { parseOpenMetrics } from "../support/openmetrics.ts";

type Kind = "counter" | "gauge" | "histogram";
type Labels = Record<string, string | number | boolean>;

function metric(name: string, kind: Kind, points: readonly (readonly [Labels, number])[], unit = ""): MetricData {
  const descriptor = { name, unit, description: "of a test", valueType: ValueType.DOUBLE };
  const common = { descriptor, aggregationTemporality: AggregationTemporality.CUMULATIVE };
  const point = <T>(attributes: Labels, value: T) =>
    ({ attributes, value, startTime: [0, 0], endTime: [1, 0] }) as const;
  if (kind === "histogram") {
    const buckets = { boundaries: [Number.NEGATIVE_INFINITY, 1, 1, 5], counts: [0, 1, 0, 1, 1] };
    const dataPoints = points.map(([labels, sum]) => point(labels, { buckets, sum, count: 3 }));
    return { ...common, dataPointType: DataPointType.HISTOGRAM, dataPoints } as unknown as MetricData;
  }
  const dataPoints = points.map(([labels, value]) => point(labels, value));
  const type = { dataPointType: DataPointType.SUM, isMonotonic: kind === "counter" };
  return { ...common, ...type, dataPoints } as unknown as MetricData;
}

function render(scopeMetrics: ScopeMetrics[], format: ExpositionFormat) {
  const warnings: string[] = [];
  const metrics = { resource: { attributes: {} } as never, scopeMetrics };
  const text = textOf(
    exposition(
      metrics,
      format,
      () => 0,
      (why) => warnings.push(why),
    ),
  );
  return { text, warnings };
}

function both(metrics: MetricData[]) {
  const text = render([{ scope: { name: "shop" }, metrics }], "text");
  const open = render([{ scope: { name: "shop" }, metrics }], "openmetrics");
  assert.deepEqual(open.warnings, text.warnings);
  const { samples } = parseExposition(text.text);
  assert.deepEqual(parseOpenMetrics(open.text).samples, samples);
  return { samples, warnings: text.warnings, open: open.text };
}

describe("families of the application's instruments", () => {
  it("keeps a gauge and a counter of one name apart in OpenMetrics, too", () => {
    const { open, warnings } = both([metric("jobs", "gauge", [[{}, 1]]), metric("jobs", "counter", [[{}, 2]])]);
    assert.match(open, /# TYPE jobs_total unknown\n/);
    assert.deepEqual(warnings, []);
  });

  for (const [what, metrics, warning] of [
    ["our own name", [metric("http.requests", "gauge", [[{}, 1]])], /otel-red has a metric/],
    [
      "a histogram's sample",
      [metric("h", "histogram", [[{}, 1]]), metric("h.sum", "gauge", [[{}, 1]])],
      /h has a metric/,
    ],
    [
      "two types",
      [metric("x.total", "gauge", [[{}, 1]]), metric("x", "counter", [[{}, 1]])],
      /a gauge, this one a counter/,
    ],
    ["a counter that is NaN", [metric("n", "counter", [[{}, Number.NaN]])], /cannot be NaN/],
    [
      "an empty label",
      [
        metric("e", "gauge", [
          [{}, 1],
          [{ a: "" }, 2],
        ]),
      ],
      /the same labels/,
    ],
  ] as [string, MetricData[], RegExp][])
    it(`says what it leaves out: ${what}`, () => {
      const { warnings } = both(metrics);
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] as string, warning);
    });

  it("has no exponential histogram, not even an empty family of one, and says so in the same words each time", () => {
    const { descriptor, dataPoints } = metric("weight", "gauge", [[{}, 1]]);
    const weight = {
      descriptor,
      dataPoints,
      dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM,
    } as unknown as MetricData;
    const seen = [1, 2].map(() => both([weight, metric("orders", "counter", [[{}, 2]])]));
    for (const { open, warnings } of seen) {
      assert.doesNotMatch(open, /weight/);
      assert.match(open, /^orders_total\{otel_scope_name="shop"\} 2$/m);
      assert.deepEqual(warnings, [
        "the instrument weight is not on /metrics: Prometheus's text formats have no exponential histograms; OTLP has",
      ]);
    }
  });

  it("is valid, and the same in both formats, whatever there is", () => {
    const piece = fc.constantFrom(
      "http",
      "requests",
      "total",
      "a",
      "sum",
      "count",
      "created",
      ".",
      "_",
      "é",
      "le",
      "1",
    );
    const name = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(""));
    const key = fc.oneof(name, fc.constantFrom("le", "exported_le", "otel_scope_name", "otel.scope.name", "__name__"));
    const labels = fc.dictionary(key, fc.oneof(fc.string({ unit: "binary" }), fc.double(), fc.boolean()), {
      maxKeys: 3,
    });
    const points = fc.array(fc.tuple(labels, fc.double()), { minLength: 1, maxLength: 3 });
    const kind = fc.constantFrom<Kind>("counter", "gauge", "histogram");
    const instrument = fc.tuple(name, kind, points, fc.constantFrom("", "s", "1", "By/s"));
    fc.assert(
      fc.property(fc.array(instrument, { maxLength: 6 }), (instruments) => {
        const metrics = instruments
          .map((each) => metric(...each))
          .filter(
            ({ dataPointType, dataPoints }) =>
              // without a sum OpenMetrics has no count either
              dataPointType !== DataPointType.HISTOGRAM ||
              dataPoints.every(({ value }) => ((value as { sum: number }).sum ?? -1) >= 0),
          );
        both(metrics as MetricData[]);
      }),
    );
  });
});
