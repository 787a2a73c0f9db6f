/** The table of families: each metric is there once, and its entry is all that an output format needs. */
import assert from "node:assert/strict";
import { emptyResource } from "@opentelemetry/resources";
import { AggregationTemporality, type DataPoint, type Histogram, type MetricData } from "@opentelemetry/sdk-metrics";
import { exposition } from "../../src/exporter/prometheus/exposition.ts";
import type { ExpositionFormat } from "../../src/exporter/prometheus/format.ts";
import { Aggregator } from "../../src/view/aggregator.ts";
import { type Labelled, RED_FAMILIES, type RedFamily } from "../../src/view/families.ts";
import { LabelSets } from "../../src/view/label-sets.ts";
import { RedProducer, type RedScopeMetrics } from "../../src/view/producer.ts";
import { FAMILIES, redView } from "../../src/view/red.ts";
import type { RedSnapshot } from "../../src/view/snapshot.ts";
import { parseExposition, type Sample } from "../support/exposition.ts";
import { textOf } from "../support/exposition-text.ts";
import { parseOpenMetrics } from "../support/openmetrics.ts";

/** A snapshot in which each family has a series. */
function anySnapshot(): RedSnapshot {
  const view = redView({ service: "shop", pathLabel: "path", durationBuckets: [0.25, 1], maxLabelSets: 100 });
  const labelSets = new LabelSets(100, view.attributesProcessors[0]);
  const aggregator = new Aggregator(view, labelSets, 0);
  const users = labelSets.template("/users");
  for (const { status, seconds } of [
    { status: 200, seconds: 0.25 },
    { status: 200, seconds: 0.5 },
    { status: 499, seconds: 2 },
  ])
    aggregator.record(labelSets.labelSet(users, 0, status), seconds);
  labelSets.operation(users, 0).aborted = 1;
  aggregator.record(labelSets.labelSet(labelSets.other, 1, 404), 0.125);
  labelSets.parserErrors.add(431);
  return aggregator.snapshot({ excluded: 3, forEachOperation: (visit) => visit(labelSets.operation(users, 0)) }, 1000);
}

/** The samples of a family in Prometheus's words, read off its entry as any further format would read them. */
function samplesOf(family: RedFamily, red: RedSnapshot): Sample[] {
  const { name } = family.descriptor;
  const labelled = family.series.of(red);
  const valueAt = family.values(red);
  const samples: Sample[] = [];
  for (let index = 0; index < family.series.size(red); index++) {
    if (family.isShown?.(red, index) === false) continue;
    const labels = (labelled[index] as Labelled).attributes as Record<string, string>;
    const value = valueAt(index);
    if (family.kind !== "histogram") {
      samples.push({ name, labels, value });
      continue;
    }
    const histograms = family.histograms(red);
    let cumulated = 0;
    for (let bucket = 0; bucket < histograms.bucketCount; bucket++) {
      cumulated += histograms.inBucket(index, bucket);
      const le = String(histograms.boundaries[bucket] ?? "+Inf");
      samples.push({ name: `${name}_bucket`, labels: { ...labels, le }, value: cumulated });
    }
    samples.push({ name: `${name}_sum`, labels, value: histograms.sum(index) });
    samples.push({ name: `${name}_count`, labels, value });
  }
  return samples;
}

function render(red: RedSnapshot, format: ExpositionFormat): string {
  const scopeMetrics: RedScopeMetrics = { scope: { name: "otel-red" }, metrics: [], red };
  const metrics = { resource: { attributes: {} } as never, scopeMetrics: [scopeMetrics] };
  return textOf(
    exposition(
      metrics,
      format,
      () => 0,
      (why) => assert.fail(why),
    ),
  );
}

const { scrapeDuration, workers: _workers, workersJoined: _workersJoined, ...ofSnapshots } = FAMILIES;

describe("the table of families", () => {
  let red: RedSnapshot;
  beforeEach(() => {
    red = anySnapshot();
  });

  it("has each metric of red.ts once, but for those of the scrape and of several processes", () => {
    const names = (descriptors: readonly { readonly name: string }[]) => descriptors.map(({ name }) => name).sort();
    const described = RED_FAMILIES.map(({ descriptor }) => descriptor);
    assert.deepEqual(names(described), names(Object.values(ofSnapshots)));
  });

  for (const { format, parse } of [
    { format: "text", parse: parseExposition },
    { format: "openmetrics", parse: parseOpenMetrics },
  ] as const)
    it(`is all that comes out in ${format}, in its order`, () => {
      const { samples } = parse(render(red, format));
      assert.deepEqual(
        samples.filter(({ name }) => name !== "target_info" && name !== scrapeDuration.name),
        RED_FAMILIES.flatMap((family) => samplesOf(family, red)),
      );
    });

  it("is all that comes out as data points, in its order", () => {
    const { CUMULATIVE } = AggregationTemporality;
    const [scope] = new RedProducer(() => red, emptyResource(), CUMULATIVE).collectNow();
    const valuesOf = ({ dataPoints }: MetricData) =>
      (dataPoints as DataPoint<number | Histogram>[]).map(({ attributes, value }) => ({
        labels: attributes,
        value: typeof value === "number" ? value : value.count,
      }));
    assert.deepEqual(
      scope?.metrics.map((metric) => [metric.descriptor, valuesOf(metric)]),
      RED_FAMILIES.map((family) => [
        family.descriptor,
        samplesOf(family, red)
          .filter(({ name }) => name === family.descriptor.name || name.endsWith("_count"))
          .map(({ labels, value }) => ({ labels, value })),
      ]),
    );
  });

  for (const family of RED_FAMILIES)
    it(`has a series of ${family.descriptor.name} in this test's snapshot`, () => {
      assert.notEqual(samplesOf(family, red).length, 0);
    });
});
