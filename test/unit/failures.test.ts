/** What is said, left out and split because a collector does not take it. */
import assert from "node:assert/strict";
import { type Attributes, ValueType } from "@opentelemetry/api";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  DataPointType,
  type Histogram,
  InstrumentType,
  type MetricData,
  type ResourceMetrics,
} from "@opentelemetry/sdk-metrics";
import fc from "fast-check";
import { partialSuccess } from "../../src/exporter/diag/partial-success.ts";
import { isTooLarge, remedyFor } from "../../src/exporter/otlp/failures.ts";
import { finiteOnly } from "../../src/exporter/otlp/finite.ts";
import { inParts } from "../../src/exporter/otlp/in-parts.ts";
import { reasonIn } from "../../src/exporter/otlp/status-message.ts";

const error = (code: unknown, message = "it fails") => Object.assign(new Error(message), { code });

describe("the remedy for a failure", () => {
  for (const code of [429, 502, 503, 504, 1, 4, 8, 10, 11, 14, 15, "ECONNREFUSED", "ENOTFOUND", undefined])
    it(`${code} may pass by itself`, () => assert.equal(remedyFor(error(code)), undefined));

  for (const [code, message, remedy] of [
    [400, "Bad Request (400): readFloat64", /log says/],
    [3, "3 INVALID_ARGUMENT: bad", /log says/],
    [401, "", /_HEADERS/],
    [403, "", /_HEADERS/],
    [16, "16 UNAUTHENTICATED", /_HEADERS/],
    [7, "7 PERMISSION_DENIED", /_HEADERS/],
    [404, "", /_ENDPOINT/],
    [405, "", /_ENDPOINT/],
    [308, "", /_ENDPOINT/],
    [12, "12 UNIMPLEMENTED", /_ENDPOINT/],
    [415, "", /_PROTOCOL/],
    [413, "", /max_request_body_size.*RED_MAX_LABEL_SETS/],
    [400, "Bad Request (400): http: request body too large", /max_request_body_size/],
    [8, "8 RESOURCE_EXHAUSTED: grpc: received message larger than max (5 vs. 4)", /max_recv_msg_size_mib/],
    [500, "", /log says/],
    [13, "13 INTERNAL", /log says/],
    ["HPE_INVALID_CONSTANT", "Parse Error", /4317/],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed certificate", /_CERTIFICATE/],
  ] as const) {
    it(`${code} ${message}`, () => assert.match(remedyFor(error(code, message)) ?? "", remedy));
  }

  it("a text about sizes alone is no refusal of a size", () =>
    assert.equal(isTooLarge(error(503, "queue is too large")), false));
});

describe("the collector's reason", () => {
  const status = (message: string, details = Buffer.alloc(0)) => {
    const text = Buffer.from(message);
    const length: number[] = [];
    let rest = text.length;
    for (; rest > 127; rest >>= 7) length.push((rest & 127) | 128);
    return Buffer.concat([Buffer.from([0x08, 0x03, 0x12, ...length, rest]), text, details]);
  };
  const JSON_TYPE = "application/json; charset=utf-8";

  for (const [what, type, body, reason] of [
    ["JSON", JSON_TYPE, Buffer.from('{"code":3,"message":"bad\\nvalue"}'), "bad value"],
    ["JSON without a message", JSON_TYPE, Buffer.from('{"code":3}'), undefined],
    ["JSON that is null", JSON_TYPE, Buffer.from("null"), undefined],
    ["JSON that is cut off", JSON_TYPE, Buffer.from('{"mess'), undefined],
    ["protobuf", "application/x-protobuf", status("bad value"), "bad value"],
    ["protobuf, long", "application/x-protobuf", status("ä".repeat(200)), "ä".repeat(200)],
    ["protobuf with details", "application/x-protobuf", status("bad", Buffer.from([0x1a, 0x90])), "bad"],
    ["protobuf without a message", "application/x-protobuf", Buffer.from([0x08, 0x03]), undefined],
    ["a text", "text/plain; charset=utf-8", Buffer.from(" rate limited\r\n"), "rate limited"],
    ["a page", "text/html", Buffer.from("<html>404</html>"), undefined],
    ["no type", undefined, Buffer.from("what?"), undefined],
    ["nothing", JSON_TYPE, Buffer.alloc(0), undefined],
    ["a book", "text/plain", Buffer.from("x".repeat(9999)), `${"x".repeat(300)}…`],
  ] as [string, string | undefined, Buffer, string | undefined][]) {
    it(what, () => assert.equal(reasonIn(type, body), reason));
  }

  it("any bytes are read, and any message is found", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(JSON_TYPE, "application/x-protobuf", "text/plain"),
        fc.uint8Array(),
        (type, bytes) => {
          assert.ok((reasonIn(type, Buffer.from(bytes))?.length ?? 0) <= 301);
        },
      ),
    );
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{1,250}$/), (message) => {
        assert.equal(reasonIn("application/x-protobuf", status(message)), message);
      }),
    );
  });
});

describe("a partial success", () => {
  const BEGINS = "Received Partial Success response:";
  for (const [parts, text] of [
    [
      [BEGINS, '{"rejectedDataPoints":"7","errorMessage":"too old"}'],
      "the collector has rejected 7 data points of an export, which are lost: too old",
    ],
    [[BEGINS, '{"rejectedDataPoints":7}'], "the collector has rejected 7 data points of an export, which are lost"],
    [[BEGINS, '{"errorMessage":"slow down"}'], "the collector warns of an export that it has taken: slow down"],
    [[BEGINS, '{"rejectedDataPoints":"0"}'], ""],
    [["something else", "{}"], undefined],
  ] as const)
    it(JSON.stringify(parts), () => assert.equal(partialSuccess(parts), text));
});

const HISTOGRAM: Histogram = { buckets: { boundaries: [1], counts: [0, 1] }, count: 1, sum: 1 };

function metricsOf(
  families: Readonly<Record<string, readonly (readonly [value: number | Histogram, attributes?: Attributes])[]>>,
): ResourceMetrics {
  const metrics = Object.entries(families).map(
    ([name, points]) =>
      ({
        descriptor: { name, description: "", unit: "", type: InstrumentType.COUNTER, valueType: ValueType.DOUBLE },
        aggregationTemporality: AggregationTemporality.CUMULATIVE,
        dataPointType: typeof points[0]?.[0] === "number" ? DataPointType.SUM : DataPointType.HISTOGRAM,
        isMonotonic: true,
        dataPoints: points.map(([value, attributes = {}]) => ({
          startTime: [0, 0],
          endTime: [1, 0],
          attributes,
          value,
        })),
      }) as MetricData,
  );
  return { resource: resourceFromAttributes({}), scopeMetrics: [{ scope: { name: "shop" }, metrics }] };
}

const valuesIn = ({ scopeMetrics }: ResourceMetrics) =>
  scopeMetrics.flatMap(({ metrics }) =>
    metrics.flatMap(({ descriptor, dataPoints }) => dataPoints.map(({ value }) => [descriptor.name, value])),
  );

describe("what JSON can carry", () => {
  it("are the finite points; instruments without one are left out", () => {
    const named: string[] = [];
    const bad = { ...HISTOGRAM, sum: Number.NaN };
    const { sum: _, ...withoutSum } = HISTOGRAM;
    const metrics = metricsOf({
      all: [[1], [Number.NaN], [-Infinity], [2]],
      attributes: [
        [1, { ratio: Number.NaN }],
        [2, { ratios: [1, Infinity] }],
        [3, { ratios: [1, 2], name: "a" }],
        [4, { id: 1e20 }],
        [1e20, { ratio: 1e-20 }],
      ],
      none: [[Number.NaN]],
      histogram: [[bad], [HISTOGRAM], [withoutSum]],
      empty: [[{ ...HISTOGRAM, count: 0, sum: 0, min: Infinity, max: -Infinity }]],
    });
    const finite = finiteOnly(metrics, (name) => named.push(name));
    assert.deepEqual(valuesIn(finite), [
      ["all", 1],
      ["all", 2],
      ["attributes", 3],
      ["attributes", 1e20],
      ["histogram", HISTOGRAM],
      ["histogram", withoutSum],
      ["empty", { ...HISTOGRAM, count: 0, sum: 0 }],
    ]);
    assert.deepEqual(named, ["all", "attributes", "none", "histogram"]);
    assert.doesNotMatch(JSON.stringify(valuesIn(finite)), /null/);
  });

  it("are integers of 64 bits, where the instrument's values are integers", () => {
    const metrics = metricsOf({ whole: [[1e20], [7]] });
    const descriptor = metrics.scopeMetrics[0]?.metrics[0]?.descriptor as { valueType: ValueType };
    descriptor.valueType = ValueType.INT;
    assert.deepEqual(valuesIn(finiteOnly(metrics, () => {})), [["whole", 7]]);
  });
});

describe("an export in parts", () => {
  /** A collector that takes so many points at a time, and none that is called `never`. */
  async function exported(points: number, limit: number, exports = 1, names = ["orders"]) {
    const requests: number[] = [];
    const taken: unknown[] = [];
    const send = inParts((metrics, onResult) => {
      const values = valuesIn(metrics);
      requests.push(values.length);
      const refused = values.length > limit || values.some(([name]) => name === "never");
      if (!refused) taken.push(...values);
      onResult(refused ? { code: ExportResultCode.FAILED, error: error(413) } : { code: ExportResultCode.SUCCESS });
    });
    const families = Object.fromEntries(
      names.map((name) => [name, Array.from({ length: points }, (_, value) => [value] as const)]),
    );
    const results: ExportResult[] = [];
    for (let count = 0; count < exports; count++) {
      results.push(await new Promise<ExportResult>((resolve) => send(metricsOf(families), resolve)));
    }
    return { requests, taken, results: results.map(({ code }) => code) };
  }

  it("is one request where the collector takes it", async () => {
    assert.deepEqual((await exported(1000, 1000)).requests, [1000]);
  });

  it("is halved until it is taken, and the next one begins there", async () => {
    const { requests, taken, results } = await exported(1000, 300, 2);
    assert.deepEqual(requests, [1000, 500, 250, 250, 250, 250, 250, 250, 250, 250]);
    assert.deepEqual(results, [ExportResultCode.SUCCESS, ExportResultCode.SUCCESS]);
    assert.equal(taken.length, 2000);
  });

  it("has each point once and in order, whatever the limit", () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 100, max: 2000 }), async (points, limit) => {
        const { taken, results } = await exported(points, limit, 1, ["a", "b"]);
        assert.deepEqual(taken, valuesIn(metricsOf({ a: range(points), b: range(points) })));
        assert.deepEqual(results, [ExportResultCode.SUCCESS]);
      }),
      { numRuns: 30 },
    ));

  it("fails where a part is refused, and has the other parts", async () => {
    const { taken, results } = await exported(400, 2000, 1, ["orders", "never"]);
    assert.deepEqual(results, [ExportResultCode.FAILED]);
    assert.equal(taken.length, 400);
  });

  it("is given up where the collector refuses everything", async () => {
    const { requests, results } = await exported(100_000, 0, 2);
    assert.deepEqual(results, [ExportResultCode.FAILED, ExportResultCode.FAILED]);
    assert.ok(requests.length <= 32, `${requests.length} requests`);
  });

  it("is not tried in parts where it fails for another reason", async () => {
    let requests = 0;
    const send = inParts((_metrics, onResult) => {
      requests++;
      onResult({ code: ExportResultCode.FAILED, error: error(400, "bad value") });
    });
    const { code } = await new Promise<ExportResult>((resolve) => send(metricsOf({ a: range(1000) }), resolve));
    assert.deepEqual([code, requests], [ExportResultCode.FAILED, 1]);
  });

  it("fails where the exporter throws", async () => {
    const send = inParts(() => {
      throw new Error("no exporter");
    });
    const { error } = await new Promise<ExportResult>((resolve) => send(metricsOf({ a: [[1]] }), resolve));
    assert.equal(error?.message, "no exporter");
  });
});

const range = (length: number) => Array.from({ length }, (_, value) => [value] as const);
