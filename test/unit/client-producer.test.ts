/** The three families of outgoing requests, for readers of either temporality. */
import assert from "node:assert/strict";
import type { Histogram } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  DataPointType,
  type Histogram as HistogramValue,
  MeterProvider,
  type MetricProducer,
} from "@opentelemetry/sdk-metrics";
import { clientView } from "../../src/view/client.ts";
import { ClientProducer } from "../../src/view/client-producer.ts";
import { InMemoryReader } from "../../src/view/in-memory-reader.ts";

const { CUMULATIVE, DELTA } = AggregationTemporality;
const RESOURCE = resourceFromAttributes({ "service.name": "shop" });

/** What one collection says: counts by family and labels, the buckets and sums of the histogram. */
async function collect(producer: MetricProducer) {
  const { resourceMetrics, errors } = await producer.collect();
  assert.deepEqual(errors, []);
  assert.equal(resourceMetrics.resource, RESOURCE);
  const said: Record<string, unknown> = {};
  for (const { descriptor, dataPointType, dataPoints } of resourceMetrics.scopeMetrics.flatMap(
    ({ metrics }) => metrics,
  ))
    for (const { attributes, value } of dataPoints) {
      const { method, status_code, host } = attributes;
      const { buckets, count, sum } = value as HistogramValue;
      said[`${descriptor.name} ${method} ${status_code} ${host}`] =
        dataPointType === DataPointType.HISTOGRAM ? [buckets.counts, count, sum] : value;
    }
  return said;
}

describe("the metrics of outgoing requests", () => {
  let histogram: Histogram;
  let reader: InMemoryReader;
  const producer = (temporality: AggregationTemporality) => new ClientProducer(reader, RESOURCE, temporality);
  const record = (seconds: number, status?: number) =>
    histogram.record(seconds, {
      "http.request.method": "GET",
      "server.address": "a",
      "server.port": 80,
      ...(status !== undefined && { "http.response.status_code": status }),
    });

  beforeEach(() => {
    reader = new InMemoryReader();
    const view = clientView({ service: "shop", durationBuckets: [0.25, 1], maxLabelSets: 10, onOverflow: () => {} });
    const provider = new MeterProvider({ views: [view], readers: [reader] });
    histogram = provider.getMeter("test").createHistogram("http.client.request.duration", { unit: "s" });
  });

  const FIRST = {
    "http_client_requests_total GET 200 a:80": 2,
    "http_client_requests_total GET 0 a:80": 1,
    "http_client_errors_total GET 0 a:80": 1,
    "http_client_request_duration_seconds GET 200 a:80": [[1, 0, 1], 2, 2.25],
    "http_client_request_duration_seconds GET 0 a:80": [[0, 1, 0], 1, 0.5],
  };

  it("are all there are since the start for one reader, and what has changed for another", async () => {
    const [cumulative, delta, late] = [producer(CUMULATIVE), producer(DELTA), producer(DELTA)];
    record(0.25, 200);
    record(2, 200);
    record(0.5);
    assert.deepEqual(await collect(cumulative), FIRST);
    assert.deepEqual(await collect(delta), FIRST);
    assert.deepEqual(await collect(delta), {});

    record(0.125, 200);
    record(0.125, 404);
    assert.deepEqual(await collect(delta), {
      "http_client_requests_total GET 200 a:80": 1,
      "http_client_requests_total GET 404 a:80": 1,
      "http_client_errors_total GET 404 a:80": 1,
      "http_client_request_duration_seconds GET 200 a:80": [[1, 0, 0], 1, 0.125],
      "http_client_request_duration_seconds GET 404 a:80": [[1, 0, 0], 1, 0.125],
    });
    const all = {
      ...FIRST,
      "http_client_requests_total GET 200 a:80": 3,
      "http_client_requests_total GET 404 a:80": 1,
      "http_client_errors_total GET 404 a:80": 1,
      "http_client_request_duration_seconds GET 200 a:80": [[2, 0, 1], 3, 2.375],
      "http_client_request_duration_seconds GET 404 a:80": [[1, 0, 0], 1, 0.125],
    };
    assert.deepEqual(await collect(cumulative), all);
    assert.deepEqual(await collect(late), all);
  });

  it("are given from the last collection on, under delta temporality", async () => {
    const delta = producer(DELTA);
    const times = async () => {
      const { resourceMetrics } = await delta.collect();
      return resourceMetrics.scopeMetrics.flatMap(({ metrics }) =>
        metrics.flatMap(({ dataPoints }) => dataPoints.map(({ startTime, endTime }) => ({ startTime, endTime }))),
      );
    };
    record(1, 200);
    const [first] = await times();
    record(1, 200);
    for (const { startTime } of await times()) assert.deepEqual(startTime, first?.endTime);
  });

  it("stay within the budget in the SDK's aggregation as well, and lose no request", async () => {
    const HOSTS = 3000;
    const cumulative = producer(CUMULATIVE);
    for (let host = 0; host < HOSTS; host++) {
      histogram.record(1, { "http.request.method": "GET", "server.address": `h${host}`, "server.port": 80 });
      if (host % 500 === 0) await cumulative.collect();
    }
    const said = await collect(cumulative);
    const counts = Object.entries(said).filter(([name]) => name.startsWith("http_client_requests_total"));
    assert.equal(counts.length, 11);
    assert.equal(said["http_client_requests_total GET 0 other"], HOSTS - 10);
  });

  it("are no families at all where nothing was called", async () => {
    for (const temporality of [CUMULATIVE, DELTA]) assert.deepEqual(await collect(producer(temporality)), {});
  });
});
