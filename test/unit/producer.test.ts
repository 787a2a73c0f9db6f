/** What leaves the project, as the SDK's metric data: cumulative, and as the changes since the last collection. */
import assert from "node:assert/strict";
import { emptyResource } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
} from "@opentelemetry/sdk-metrics";
import fc from "fast-check";
import { Aggregator } from "../../src/view/aggregator.ts";
import { LabelSets, type Operation } from "../../src/view/label-sets.ts";
import { isRed, RedProducer } from "../../src/view/producer.ts";
import { FAMILIES, redView } from "../../src/view/red.ts";
import type { RedSnapshot } from "../../src/view/snapshot.ts";

const { CUMULATIVE, DELTA } = AggregationTemporality;
const BOUNDARIES = [0.1, 1];
const STARTED_AT_MS = 1_700_000_000_000;

/** An instrumentation whose requests are the test's. */
class Service {
  nowMs = STARTED_AT_MS;
  excluded = 0;
  readonly inFlight: Operation[] = [];
  readonly labelSets: LabelSets;
  readonly aggregator: Aggregator;

  constructor(maxLabelSets = 1000) {
    const view = redView({ service: "shop", pathLabel: "path", durationBuckets: BOUNDARIES, maxLabelSets });
    this.labelSets = new LabelSets(maxLabelSets, view.attributesProcessors[0]);
    this.aggregator = new Aggregator(view, this.labelSets, STARTED_AT_MS);
  }

  request(path: string, statusCode: number, durationSeconds: number, isAborted = false): void {
    const labelSet = this.labelSets.labelSet(this.labelSets.template(path), 0, statusCode);
    this.aggregator.record(labelSet, durationSeconds);
    if (isAborted) labelSet.operation.aborted++;
  }

  start(path: string): void {
    this.inFlight.push(this.labelSets.operation(this.labelSets.template(path), 0));
  }

  forEachOperation(visit: (operation: Operation) => void): void {
    this.inFlight.forEach(visit);
  }

  readonly snapshot = (): RedSnapshot => this.aggregator.snapshot(this, this.nowMs);

  producer(temporality: AggregationTemporality): RedProducer {
    return new RedProducer(this.snapshot, emptyResource(), temporality);
  }
}

async function collect(producer: RedProducer): Promise<Map<string, MetricData>> {
  const { resourceMetrics, errors } = await producer.collect();
  assert.deepEqual(errors, []);
  const [scope] = resourceMetrics.scopeMetrics;
  assert.ok(scope !== undefined && isRed(scope));
  assert.equal(scope.scope.name, "otel-red");
  return new Map(scope.metrics.map((metric) => [metric.descriptor.name, metric]));
}

/** Values by `<method> <status> <path>`, or by the source of a path, or what of it there is; a histogram's are its buckets and its sum. */
function valuesOf(metric: MetricData | undefined): Record<string, number | number[]> {
  const points = (metric?.dataPoints ?? []) as DataPoint<number | Histogram>[];
  const entries = points.map(({ attributes: { method, status_code, path, source }, value }) => {
    const name = [method, status_code, path, source].filter((label) => label !== undefined).join(" ");
    return [name, typeof value === "number" ? value : [...value.buckets.counts, value.sum as number]] as const;
  });
  return Object.fromEntries(entries);
}

async function values(producer: RedProducer): Promise<Record<string, Record<string, number | number[]>>> {
  const metrics = await collect(producer);
  return Object.fromEntries([...metrics].map(([name, metric]) => [name, valuesOf(metric)]));
}

describe("RedProducer, cumulative", () => {
  let service: Service;
  let producer: RedProducer;
  beforeEach(() => {
    service = new Service();
    producer = service.producer(CUMULATIVE);
  });

  it("gives the four families, and what we count about ourselves", async () => {
    service.request("/users", 200, 0.1);
    service.request("/users", 200, 0.5);
    service.request("/users", 500, 3);
    service.request("/slow", 499, 9, true);
    service.start("/users");
    service.excluded = 4;
    for (const status of [400, 431, 400]) service.labelSets.parserErrors.add(status);
    const expected = {
      http_requests_total: { "GET 200 /users": 2, "GET 500 /users": 1, "GET 499 /slow": 1 },
      http_errors_total: { "GET 500 /users": 1, "GET 499 /slow": 1 },
      http_request_duration_seconds: {
        "GET 200 /users": [1, 1, 0, 0.6],
        "GET 500 /users": [0, 0, 1, 3],
        "GET 499 /slow": [0, 0, 1, 9],
      },
      http_requests_active: { "GET /users": 1, "GET /slow": 0 },
      http_requests_aborted_total: { "GET /slow": 1 },
      http_parser_errors_total: { "400": 2, "431": 1 },
      otel_red_requests_excluded_total: { "": 4 },
      otel_red_overflow_total: { "": 0 },
      otel_red_path_source_total: { template: 4, normalized: 0, unmatched: 0, other: 0 },
      otel_red_label_sets: { "": 3 },
    };
    assert.deepEqual(await values(producer), expected);
    assert.deepEqual(await values(producer), expected, "again, where nothing has changed");
  });

  it("gives the types, units and times of the specification", async () => {
    service.request("/users", 500, 0.1, true);
    service.labelSets.parserErrors.add(400);
    service.nowMs += 5000;
    const metrics = await collect(producer);
    for (const [descriptor, type] of [
      [FAMILIES.requests, DataPointType.SUM],
      [FAMILIES.errors, DataPointType.SUM],
      [FAMILIES.duration, DataPointType.HISTOGRAM],
      [FAMILIES.active, DataPointType.GAUGE],
      [FAMILIES.aborted, DataPointType.SUM],
      [FAMILIES.parserErrors, DataPointType.SUM],
      [FAMILIES.excluded, DataPointType.SUM],
      [FAMILIES.overflow, DataPointType.SUM],
      [FAMILIES.pathSource, DataPointType.SUM],
      [FAMILIES.labelSets, DataPointType.GAUGE],
    ] as const) {
      const metric = metrics.get(descriptor.name);
      assert.equal(metric?.descriptor, descriptor);
      assert.deepEqual([metric.dataPointType, metric.aggregationTemporality], [type, CUMULATIVE]);
      if (metric.dataPointType === DataPointType.SUM) assert.equal(metric.isMonotonic, true);
      for (const { startTime, endTime } of metric.dataPoints) {
        assert.deepEqual(
          [startTime, endTime],
          [
            [1_700_000_000, 0],
            [1_700_000_005, 0],
          ],
        );
      }
    }
    assert.equal(metrics.size, 10);
  });

  it("gives the same attributes object for a series each time: what is rendered is kept with it", async () => {
    service.request("/users", 200, 0.1);
    const attributes = async () => (await collect(producer)).get("http_requests_total")?.dataPoints[0]?.attributes;
    assert.equal(await attributes(), await attributes());
  });

  it("gives no family without a series", async () => {
    service.request("/users", 200, 0.1);
    assert.equal((await collect(producer)).has("http_errors_total"), false);
  });

  it("hands out boundaries that are the reader's own", async () => {
    service.request("/users", 200, 0.1);
    const metric = (await collect(producer)).get("http_request_duration_seconds");
    const point = metric?.dataPoints[0] as DataPoint<Histogram>;
    point.value.buckets.boundaries.reverse();
    assert.deepEqual(service.snapshot().boundaries, BOUNDARIES);
  });

  it("fails where the snapshot fails, and not for good", async () => {
    let fails = true;
    const failing = new RedProducer(
      () => {
        if (fails) throw new Error("expected by the test");
        return service.snapshot();
      },
      emptyResource(),
      CUMULATIVE,
    );
    await assert.rejects(failing.collect(), /expected by the test/);
    fails = false;
    assert.equal((await collect(failing)).has("otel_red_label_sets"), true);
  });
});

describe("RedProducer, delta", () => {
  it("gives what has changed since the last collection, and nothing else", async () => {
    const service = new Service();
    const producer = service.producer(DELTA);
    service.request("/users", 200, 0.1);
    service.request("/slow", 499, 9, true);
    service.excluded = 2;
    for (const status of [400, 400, 431]) service.labelSets.parserErrors.add(status);
    await producer.collect();
    service.request("/users", 200, 2);
    service.request("/new", 500, 0.25, true);
    service.start("/slow");
    service.excluded = 5;
    for (const status of [400, 408]) service.labelSets.parserErrors.add(status);
    assert.deepEqual(await values(producer), {
      http_requests_total: { "GET 200 /users": 1, "GET 500 /new": 1 },
      http_errors_total: { "GET 500 /new": 1 },
      http_request_duration_seconds: { "GET 200 /users": [0, 0, 1, 2], "GET 500 /new": [0, 1, 0, 0.25] },
      // gauges are what they are
      http_requests_active: { "GET /users": 0, "GET /slow": 1, "GET /new": 0 },
      http_requests_aborted_total: { "GET /new": 1 },
      http_parser_errors_total: { "400": 1, "408": 1 },
      otel_red_requests_excluded_total: { "": 3 },
      otel_red_overflow_total: { "": 0 },
      otel_red_path_source_total: { template: 2, normalized: 0, unmatched: 0, other: 0 },
      otel_red_label_sets: { "": 3 },
    });
    assert.deepEqual([...(await collect(producer)).keys()].sort(), [
      "http_requests_active",
      "otel_red_label_sets",
      "otel_red_overflow_total",
      "otel_red_path_source_total",
      "otel_red_requests_excluded_total",
    ]);
  });

  it("each collection begins where the last one has ended", async () => {
    const service = new Service();
    const producer = service.producer(DELTA);
    const times: unknown[] = [];
    for (const seconds of [1, 2, 7]) {
      service.nowMs = STARTED_AT_MS + seconds * 1000;
      service.request("/users", 500, 0.1);
      const metrics = await collect(producer);
      const spans = [...metrics.values()].flatMap(({ dataPoints }) =>
        dataPoints.map((point) => [point.startTime[0], point.endTime[0]]),
      );
      for (const span of spans) assert.deepEqual(span, spans[0]);
      times.push(spans[0]);
    }
    const at = (seconds: number) => STARTED_AT_MS / 1000 + seconds;
    assert.deepEqual(times, [
      [at(0), at(1)],
      [at(1), at(2)],
      [at(2), at(7)],
    ]);
  });

  it("readers do not take from each other", async () => {
    const service = new Service();
    const [one, other, cumulative] = [service.producer(DELTA), service.producer(DELTA), service.producer(CUMULATIVE)];
    service.request("/users", 200, 0.1);
    await one.collect();
    service.request("/users", 200, 0.1);
    const requests = async (producer: RedProducer) => valuesOf((await collect(producer)).get("http_requests_total"));
    assert.deepEqual(await requests(one), { "GET 200 /users": 1 });
    assert.deepEqual(await requests(other), { "GET 200 /users": 2 });
    assert.deepEqual(await requests(cumulative), { "GET 200 /users": 2 });
  });

  it("what is read late is what was collected", async () => {
    const service = new Service();
    const producer = service.producer(DELTA);
    service.request("/users", 200, 0.1);
    const { resourceMetrics } = await producer.collect();
    service.request("/users", 200, 0.1);
    await producer.collect();
    const requests = resourceMetrics.scopeMetrics[0]?.metrics.find(
      ({ descriptor }) => descriptor === FAMILIES.requests,
    );
    assert.deepEqual(valuesOf(requests), { "GET 200 /users": 1 });
  });

  it("adds up to the cumulative values, whatever comes and whenever it is collected", async () => {
    const step = fc.oneof(
      { weight: 1, arbitrary: fc.constant("collect" as const) },
      {
        weight: 4,
        arbitrary: fc.record({
          path: fc.constantFrom("/", "/users", "/orders", "/more", "/and-more"),
          statusCode: fc.constantFrom(200, 404, 499),
          // in eighths: their sums are exact
          durationSeconds: fc.nat(40).map((eighths) => eighths / 8),
          isAborted: fc.boolean(),
        }),
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80, size: "max" }), async (steps) => {
        const service = new Service(6);
        const delta = service.producer(DELTA);
        const sums: Record<string, Record<string, number[]>> = {};
        const collectDelta = async () => {
          for (const [family, metric] of await collect(delta)) {
            if (metric.dataPointType === DataPointType.GAUGE) continue;
            assert.equal(metric.aggregationTemporality, DELTA);
            const familySums = sums[family] ?? {};
            sums[family] = familySums;
            for (const [labels, value] of Object.entries(valuesOf(metric))) {
              const sum = familySums[labels];
              familySums[labels] = [value].flat().map((number, i) => number + (sum?.[i] ?? 0));
            }
          }
        };
        for (const step of steps) {
          if (step === "collect") await collectDelta();
          else service.request(step.path, step.statusCode, step.durationSeconds, step.isAborted);
        }
        await collectDelta();
        const cumulative = [...(await collect(service.producer(CUMULATIVE)))]
          .filter(([, metric]) => metric.dataPointType !== DataPointType.GAUGE)
          .map(([family, metric]) => {
            const series = Object.entries(valuesOf(metric)).map(([labels, value]) => [labels, [value].flat()]);
            return [family, Object.fromEntries(series)];
          });
        assert.deepEqual(sums, Object.fromEntries(cumulative));
      }),
    );
  });
});
