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

  it("renames a metric that Prometheus writes itself, and says so in the same words each time", () => {
    const own = ["up", "scrape_duration", "scrape.samples.scraped", "scrape_samples_post_metric_relabeling"];
    const more = ["scrape_series_added", "scrape_timeout", "scrape_sample_limit", "scrape_body_size", "ALERTS"];
    const units: Record<string, string> = { scrape_duration: "s", scrape_timeout: "s", scrape_body_size: "By" };
    const gauges = [...own, ...more, "ALERTS_FOR_STATE"].map((name) => metric(name, "gauge", [[{}, 1]], units[name]));
    const others = ["scrape_errors", "up.time", "Up"].map((name) => metric(name, "gauge", [[{}, 1]]));
    const counter = metric("up", "counter", [[{}, 1]]);
    const seen = [1, 2].map(() => both([...gauges, ...others, counter]));
    assert.deepEqual(seen[0]?.warnings, seen[1]?.warnings);
    const names = seen[0]?.samples.map(({ name }) => name).filter((name) => !name.startsWith("otel_red_"));
    assert.deepEqual(names?.slice(0, -4).sort(), [
      "exported_ALERTS",
      "exported_ALERTS_FOR_STATE",
      "exported_scrape_body_size_bytes",
      "exported_scrape_duration_seconds",
      "exported_scrape_sample_limit",
      "exported_scrape_samples_post_metric_relabeling",
      "exported_scrape_samples_scraped",
      "exported_scrape_series_added",
      "exported_scrape_timeout_seconds",
      "exported_up",
      "target_info",
    ]);
    assert.deepEqual(names?.slice(-4), ["scrape_errors", "up_time", "Up", "up_total"]);
    assert.equal(seen[0]?.warnings.length, gauges.length);
    assert.equal(
      seen[0]?.warnings[0],
      "the instrument up is shown as exported_up on /metrics: Prometheus itself writes up. Give the instrument another name",
    );
  });

  it("renames labels that name the target, and joins the values where two become one", () => {
    const labels = { job: "j", instance: "smtp-1", namespace: "n", cluster: "c", pod: "p" };
    const more = {
      container: "k",
      node: "o",
      endpoint: "e",
      exported_node: "x",
      "service.instance.id": "i",
      jobs: "s",
    };
    const { samples, warnings } = both([metric("mail.sent", "counter", [[{ ...labels, ...more }, 1]])]);
    assert.deepEqual(warnings, []);
    assert.deepEqual(samples.find(({ name }) => name === "mail_sent_total")?.labels, {
      exported_job: "j",
      exported_instance: "smtp-1",
      exported_namespace: "n",
      exported_cluster: "c",
      exported_pod: "p",
      exported_container: "k",
      exported_node: "x;o",
      exported_endpoint: "e",
      service_instance_id: "i",
      jobs: "s",
      otel_scope_name: "shop",
    });
  });

  for (const format of ["text", "openmetrics"] as const)
    it(`has no empty HELP line in ${format}`, () => {
      const bare = ["", "  ", "\n"].map((description, index) => {
        const each = metric(`bare.${index}`, "gauge", [[{}, 1]]);
        return { ...each, descriptor: { ...each.descriptor, description } };
      });
      const { text } = render([{ scope: { name: "shop" }, metrics: bare }], format);
      assert.equal(text.match(/^# TYPE bare_/gm)?.length, 3);
      assert.doesNotMatch(text, /^# HELP bare_/m);
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
      "up",
      "exported",
    );
    const name = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(""));
    const key = fc.oneof(
      name,
      fc.constantFrom("le", "exported_le", "job", "exported_job", "otel_scope_name", "otel.scope.name", "__name__"),
    );
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
