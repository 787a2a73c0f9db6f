/**
 * The two exposition formats: whole texts as a person would check them, the same text as prom-client's for the same
 * observations, and any names, texts and numbers read back by strict parsers.
 */
import assert from "node:assert/strict";
import type { Attributes } from "@opentelemetry/api";
import fc from "fast-check";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { exposition } from "../../src/exporter/prometheus/exposition.ts";
import type { ExpositionFormat } from "../../src/exporter/prometheus/format.ts";
import { Aggregator } from "../../src/view/aggregator.ts";
import { LabelSets, type Operation } from "../../src/view/label-sets.ts";
import { METHODS, methodIndex } from "../../src/view/methods.ts";
import type { RedScopeMetrics } from "../../src/view/producer.ts";
import { DEFAULT_DURATION_BUCKETS, FAMILIES, redLabels, redView } from "../../src/view/red.ts";
import { bucketCount, type RedSnapshot, stride } from "../../src/view/snapshot.ts";
import { type Exposition, parseExposition, type Sample, series } from "../support/exposition.ts";
import { textOf } from "../support/exposition-text.ts";
import { parseOpenMetrics } from "../support/openmetrics.ts";

const SCRAPE_SECONDS = 0.25;
const unexpected = (why: string) => assert.fail(why);

function render(red: RedSnapshot, format: ExpositionFormat, resource: Attributes = {}): string {
  const scopeMetrics: RedScopeMetrics = { scope: { name: "otel-red" }, metrics: [], red };
  const metrics = { resource: { attributes: resource } as never, scopeMetrics: [scopeMetrics] };
  return textOf(exposition(metrics, format, () => SCRAPE_SECONDS, unexpected));
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly seconds: number;
  readonly aborted?: boolean;
}

function snapshotOf(requests: readonly Request[], inFlight: readonly Omit<Request, "seconds" | "status">[] = []) {
  const view = redView({
    service: "shop",
    pathLabel: "path",
    durationBuckets: DEFAULT_DURATION_BUCKETS,
    maxLabelSets: 1000,
  });
  const labelSets = new LabelSets(1000, view.attributesProcessors[0]);
  const aggregator = new Aggregator(view, labelSets, 1_000_000);
  for (const { method, path, status, seconds, aborted } of requests) {
    const labelPath = path === "other" ? labelSets.other : labelSets.template(path);
    const labelSet = labelSets.labelSet(labelPath, methodIndex(method), status);
    aggregator.record(labelSet, seconds);
    if (aborted) labelSet.operation.aborted++;
  }
  const forEachOperation = (visit: (operation: Operation) => void) => {
    for (const { method, path } of inFlight) visit(labelSets.operation(labelSets.template(path), methodIndex(method)));
  };
  for (const status of [400, 431, 400]) labelSets.parserErrors.add(status);
  return aggregator.snapshot({ excluded: 3, forEachOperation }, 2_000_000);
}

const REQUESTS: readonly Request[] = [
  { method: "GET", path: "/users/:id", status: 200, seconds: 0.005 },
  { method: "GET", path: "/users/:id", status: 200, seconds: 0.3 },
  { method: "GET", path: "/users/:id", status: 499, seconds: 6, aborted: true },
];

const LABELS = 'method="GET",status_code="200",path="/users/:id",service="shop"';
const ABORTED = 'method="GET",status_code="499",path="/users/:id",service="shop"';
const PLACE = 'method="GET",path="/users/:id",service="shop"';

function buckets(labels: string, cumulated: readonly number[]): string[] {
  const bounds = ["0.005", "0.01", "0.025", "0.05", "0.075", "0.1", "0.25", "0.5", "0.75", "1", "2.5", "5", "+Inf"];
  return bounds.map((le, i) => `http_request_duration_seconds_bucket{${labels},le="${le}"} ${cumulated[i]}`);
}

const SOURCES = [
  'otel_red_path_source_total{source="template"} 3',
  'otel_red_path_source_total{source="normalized"} 0',
  'otel_red_path_source_total{source="unmatched"} 0',
  'otel_red_path_source_total{source="other"} 0',
];
const DURATION_SAMPLES = [
  ...buckets(LABELS, [1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]),
  `http_request_duration_seconds_sum{${LABELS}} 0.305`,
  `http_request_duration_seconds_count{${LABELS}} 2`,
  ...buckets(ABORTED, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
  `http_request_duration_seconds_sum{${ABORTED}} 6`,
  `http_request_duration_seconds_count{${ABORTED}} 1`,
];

describe("the text format 0.0.4", () => {
  it("is, as a whole", () => {
    const text = render(snapshotOf(REQUESTS, [{ method: "GET", path: "/users/:id" }]), "text", {
      "service.name": "shop",
    });
    assert.deepEqual(text.split("\n"), [
      "# HELP target_info Target metadata",
      "# TYPE target_info gauge",
      'target_info{service_name="shop"} 1',
      "# HELP http_requests_total Total count of HTTP requests",
      "# TYPE http_requests_total counter",
      `http_requests_total{${LABELS}} 2`,
      `http_requests_total{${ABORTED}} 1`,
      "# HELP http_errors_total Total count of HTTP errors (4xx-5xx)",
      "# TYPE http_errors_total counter",
      `http_errors_total{${ABORTED}} 1`,
      "# HELP http_request_duration_seconds HTTP request latency in seconds",
      "# TYPE http_request_duration_seconds histogram",
      ...DURATION_SAMPLES,
      "# HELP http_requests_active Number of currently active HTTP requests",
      "# TYPE http_requests_active gauge",
      `http_requests_active{${PLACE}} 1`,
      "# HELP http_requests_aborted_total Total count of HTTP requests whose connection went away before the response was sent",
      "# TYPE http_requests_aborted_total counter",
      `http_requests_aborted_total{${PLACE}} 1`,
      "# HELP http_parser_errors_total Total count of HTTP requests that the parser rejected before they were requests",
      "# TYPE http_parser_errors_total counter",
      'http_parser_errors_total{status_code="400",service="shop"} 2',
      'http_parser_errors_total{status_code="431",service="shop"} 1',
      "# HELP otel_red_requests_excluded_total Total count of HTTP requests left out by RED_EXCLUDE_PATHS",
      "# TYPE otel_red_requests_excluded_total counter",
      "otel_red_requests_excluded_total 3",
      "# HELP otel_red_overflow_total Total count of HTTP requests shown under the path other because RED_MAX_LABEL_SETS was reached",
      "# TYPE otel_red_overflow_total counter",
      "otel_red_overflow_total 0",
      "# HELP otel_red_path_source_total Total count of HTTP requests by where their path label comes from",
      "# TYPE otel_red_path_source_total counter",
      ...SOURCES,
      "# HELP otel_red_label_sets Number of label sets in use, of the RED_MAX_LABEL_SETS allowed",
      "# TYPE otel_red_label_sets gauge",
      "otel_red_label_sets 2",
      "# HELP otel_red_scrape_duration_seconds Time that this scrape took to be collected and rendered, in seconds",
      "# TYPE otel_red_scrape_duration_seconds gauge",
      "otel_red_scrape_duration_seconds 0.25",
      "",
    ]);
  });

  it("counts what is shown under path=other", () => {
    const beyond = { method: "GET", path: "other", seconds: 1 };
    const red = snapshotOf([
      ...REQUESTS,
      { ...beyond, status: 200 },
      { ...beyond, status: 404 },
      { ...beyond, status: 404 },
    ]);
    const { samples } = parseExposition(render(red, "text"));
    assert.deepEqual(series(samples, "otel_red_overflow_total"), [
      { name: "otel_red_overflow_total", labels: {}, value: 3 },
    ]);
  });
});

describe("OpenMetrics 1.0", () => {
  it("is, as a whole", () => {
    const text = render(snapshotOf(REQUESTS), "openmetrics", { "service.name": "shop" });
    assert.deepEqual(text.split("\n"), [
      "# TYPE target info",
      "# HELP target Target metadata",
      'target_info{service_name="shop"} 1',
      "# TYPE http_requests counter",
      "# HELP http_requests Total count of HTTP requests",
      `http_requests_total{${LABELS}} 2`,
      `http_requests_total{${ABORTED}} 1`,
      "# TYPE http_errors counter",
      "# HELP http_errors Total count of HTTP errors (4xx-5xx)",
      `http_errors_total{${ABORTED}} 1`,
      "# TYPE http_request_duration_seconds histogram",
      "# UNIT http_request_duration_seconds seconds",
      "# HELP http_request_duration_seconds HTTP request latency in seconds",
      ...DURATION_SAMPLES,
      "# TYPE http_requests_active gauge",
      "# HELP http_requests_active Number of currently active HTTP requests",
      `http_requests_active{${PLACE}} 0`,
      "# TYPE http_requests_aborted counter",
      "# HELP http_requests_aborted Total count of HTTP requests whose connection went away before the response was sent",
      `http_requests_aborted_total{${PLACE}} 1`,
      "# TYPE http_parser_errors counter",
      "# HELP http_parser_errors Total count of HTTP requests that the parser rejected before they were requests",
      'http_parser_errors_total{status_code="400",service="shop"} 2',
      'http_parser_errors_total{status_code="431",service="shop"} 1',
      "# TYPE otel_red_requests_excluded counter",
      "# HELP otel_red_requests_excluded Total count of HTTP requests left out by RED_EXCLUDE_PATHS",
      "otel_red_requests_excluded_total 3",
      "# TYPE otel_red_overflow counter",
      "# HELP otel_red_overflow Total count of HTTP requests shown under the path other because RED_MAX_LABEL_SETS was reached",
      "otel_red_overflow_total 0",
      "# TYPE otel_red_path_source counter",
      "# HELP otel_red_path_source Total count of HTTP requests by where their path label comes from",
      ...SOURCES,
      "# TYPE otel_red_label_sets gauge",
      "# HELP otel_red_label_sets Number of label sets in use, of the RED_MAX_LABEL_SETS allowed",
      "otel_red_label_sets 2",
      "# TYPE otel_red_scrape_duration_seconds gauge",
      "# UNIT otel_red_scrape_duration_seconds seconds",
      "# HELP otel_red_scrape_duration_seconds Time that this scrape took to be collected and rendered, in seconds",
      "otel_red_scrape_duration_seconds 0.25",
      "# EOF",
      "",
    ]);
  });

  it("says of each family what the text format says", () => {
    const red = snapshotOf(REQUESTS);
    const text = parseExposition(render(red, "text")).families;
    const { families } = parseOpenMetrics(render(red, "openmetrics"));
    const types: Record<string, string> = { info: "gauge" };
    const suffixes: Record<string, string> = { counter: "_total", info: "_info" };
    assert.deepEqual(
      [...families].map(([name, { type, help }]) => [
        name + (suffixes[type] ?? ""),
        { type: types[type] ?? type, help },
      ]),
      [...text].map(([name, { type, help }]) => [name, { type, help }]),
    );
  });
});

describe("prom-client and otel-red, given the same observations", () => {
  const requests = [200, 201, 404, 500, 200, 503].flatMap((status, i) => [
    { method: "GET", path: "/orders/:id", status, seconds: 0.004 * (i + 1) ** 3 },
    { method: "POST", path: 'odd "\\\n', status, seconds: 0.1 * i },
  ]);
  const inFlight = [{ method: "GET", path: "/orders/:id" }];
  let theirs: string;
  let ours: string;

  before(async () => {
    const registers = [new Registry()];
    const labelNames = ["method", "status_code", "path", "service"];
    const of = ({ name, description: help }: { name: string; description: string }) => ({ name, help, registers });
    const total = new Counter({ ...of(FAMILIES.requests), labelNames });
    const errors = new Counter({ ...of(FAMILIES.errors), labelNames });
    const duration = new Histogram({ ...of(FAMILIES.duration), labelNames, buckets: [...DEFAULT_DURATION_BUCKETS] });
    const active = new Gauge({ ...of(FAMILIES.active), labelNames: ["method", "path", "service"] });
    for (const { method, path, status, seconds } of requests) {
      const labels = { method, status_code: String(status), path, service: "shop" };
      total.inc(labels);
      if (status >= 400) errors.inc(labels);
      duration.observe(labels, seconds);
      active.set({ method, path, service: "shop" }, 0);
    }
    for (const { method, path } of inFlight) active.inc({ method, path, service: "shop" });
    theirs = (await registers[0]?.metrics()) as string;
    ours = render(snapshotOf(requests, inFlight), "text");
  });

  const isRed = (name: string) =>
    /^http_(requests_total|errors_total|request_duration_seconds|requests_active)/.test(name);
  const sorted = (samples: readonly Sample[]) =>
    samples.map((sample) => JSON.stringify([sample.name, Object.entries(sample.labels).sort(), sample.value])).sort();

  it("name, describe and type the four families alike", () => {
    const families = [...parseExposition(ours).families].filter(([name]) => isRed(name));
    assert.equal(families.length, 4);
    assert.deepEqual(families, [...parseExposition(theirs).families]);
  });

  it("have the same samples", () => {
    const samples = parseExposition(ours).samples.filter(({ name }) => isRed(name));
    assert.deepEqual(sorted(samples), sorted(parseExposition(theirs).samples));
  });

  it("write the same lines, but for the position of le", () => {
    const lines = (text: string) => text.split("\n").filter((line) => isRed(line.replace(/^# (HELP|TYPE) /, "")));
    const leLast = (line: string) => line.replace(/\{(le="[^"]*"),(.*)\}/, "{$2,$1}");
    assert.deepEqual(lines(ours), lines(theirs).map(leLast));
  });
});

/** Also what no UTF-8 has, and what means something to a parser. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        '"',
        "\\",
        "\n",
        "\r",
        "\\n",
        '\\"',
        "{",
        "}",
        ",",
        "=",
        " ",
        "#",
        "\0",
        "\u2028",
        "\ud800",
        "\udfff",
        "é",
        "🛒",
      ),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(""));

const anyBoundaries = fc
  .uniqueArray(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 5 })
  .map((bounds) => bounds.sort((a, b) => a - b));

const MOST = 2 ** 43;
const anySeries = fc.record({
  method: fc.constantFrom(...METHODS),
  status: fc.integer({ min: 0, max: 999 }),
  counts: fc.array(fc.oneof(fc.nat(), fc.integer({ min: 0, max: MOST })), { minLength: 6, maxLength: 6 }),
  sum: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
  active: fc.nat(),
  aborted: fc.integer({ min: 0, max: MOST }),
});

const anyExposition = fc
  .record({
    service: anyText,
    boundaries: anyBoundaries,
    series: fc.dictionary(anyText, anySeries, { noNullPrototype: true, maxKeys: 5 }),
  })
  // as on the wire: two paths that differ in a lone surrogate only would be one there
  .filter(
    ({ series }) => new Set(Object.keys(series).map((path) => path.toWellFormed())).size === Object.keys(series).length,
  );

type Described = typeof anyExposition extends fc.Arbitrary<infer T> ? T : never;

/** The snapshot of it, and the samples that must come out. */
function build({ service, boundaries, series }: Described): { red: RedSnapshot; expected: Sample[] } {
  const labelSets = new LabelSets(1000, redLabels(service, "path"));
  const entries = Object.entries(series);
  const values = new Float64Array(entries.length * stride(boundaries));
  const expected: Sample[] = [];
  for (const [index, [path, { method, status, counts, sum, active, aborted }]] of entries.entries()) {
    labelSets.labelSet(labelSets.template(path), methodIndex(method), status);
    const own = counts.slice(0, bucketCount(boundaries));
    values.set([...own, sum], index * stride(boundaries));
    const operation = { method, path: path.toWellFormed(), service: service.toWellFormed() };
    const labels = { ...operation, status_code: String(status) };
    let cumulated = 0;
    for (const [bucket, count] of own.entries()) {
      cumulated += count;
      const le = String(boundaries[bucket] ?? "+Inf");
      expected.push({ name: "http_request_duration_seconds_bucket", labels: { ...labels, le }, value: cumulated });
    }
    expected.push(
      { name: "http_request_duration_seconds_sum", labels, value: sum },
      { name: "http_request_duration_seconds_count", labels, value: cumulated },
      { name: "http_requests_total", labels, value: cumulated },
      { name: "http_requests_active", labels: operation, value: active },
    );
    if (status >= 400) expected.push({ name: "http_errors_total", labels, value: cumulated });
    if (aborted > 0) expected.push({ name: "http_requests_aborted_total", labels: operation, value: aborted });
  }
  const red = {
    labelSets: labelSets.all,
    operations: labelSets.operations,
    count: entries.length,
    values,
    boundaries,
    active: Uint32Array.from(entries, ([, { active }]) => active),
    aborted: Float64Array.from(entries, ([, { aborted }]) => aborted),
    excluded: 0,
    parserErrors: [],
    spent: 0,
    startedAtMs: 0,
    takenAtMs: 0,
  };
  return { red, expected };
}

const byIdentity = (samples: readonly Sample[]) =>
  new Map(
    samples
      .filter(({ name }) => name.startsWith("http_"))
      .map(({ name, labels, value }) => [name + JSON.stringify(Object.entries(labels).sort()), value]),
  );

describe("any names, texts and numbers", () => {
  for (const { format, parse } of [
    { format: "text", parse: parseExposition },
    { format: "openmetrics", parse: parseOpenMetrics },
  ] as const) {
    it(`are read back as they were, in ${format}`, () => {
      fc.assert(
        fc.property(anyExposition, (described) => {
          const { red, expected } = build(described);
          // what is on the wire is UTF-8
          const { samples } = parse(Buffer.from(render(red, format)).toString());
          assert.deepEqual(byIdentity(samples), byIdentity(expected));
        }),
        { numRuns: 300 },
      );
    });
  }

  it("make the same samples in both formats, those about ourselves included", () => {
    fc.assert(
      fc.property(anyExposition, (described) => {
        const { red } = build(described);
        const text: Pick<Exposition, "samples"> = parseExposition(render(red, "text"));
        assert.deepEqual(parseOpenMetrics(render(red, "openmetrics")).samples, text.samples);
      }),
      { numRuns: 100 },
    );
  });
});

describe("target_info", () => {
  const rendered = (resource: Attributes) => {
    const red = snapshotOf([]);
    const [text, openMetrics] = [
      parseExposition(render(red, "text", resource)),
      parseOpenMetrics(render(red, "openmetrics", resource)),
    ];
    assert.deepEqual(openMetrics.samples[0], text.samples[0]);
    return text.samples[0]?.labels;
  };

  for (const { what, resource, labels } of [
    { what: "dots become underscores", resource: { "service.name": "shop" }, labels: { service_name: "shop" } },
    { what: "runs of other characters become one", resource: { "a.-é_b": "1" }, labels: { a_b: "1" } },
    {
      what: "two that become one are joined, in their order",
      resource: { "a.b": "2", "a-b": "1" },
      labels: { a_b: "1;2" },
    },
    { what: "a digit is not first", resource: { "1st": "x" }, labels: { key_1st: "x" } },
    {
      what: "reserved names are not taken",
      resource: { __name__: "x", _y: "z" },
      labels: { key_name_: "x", key_y: "z" },
    },
    {
      what: "other than text is shown as JSON",
      resource: { n: 1, b: true, l: ["x", "y"] },
      labels: { n: "1", b: "true", l: '["x","y"]' },
    },
    {
      what: "labels that name the target are not taken",
      resource: { namespace: "prod", cluster: "eu", job: "j", instance: "i", pod: "p", "k8s.pod.name": "p-1" },
      labels: {
        exported_namespace: "prod",
        exported_cluster: "eu",
        exported_job: "j",
        exported_instance: "i",
        exported_pod: "p",
        k8s_pod_name: "p-1",
      },
    },
    { what: "nothing is an empty text", resource: { n: undefined }, labels: { n: "" } },
  ]) {
    it(what, () => assert.deepEqual(rendered(resource), labels));
  }

  it("any attributes", () => {
    const value = fc.oneof(anyText, fc.integer(), fc.boolean(), fc.array(fc.string()));
    fc.assert(
      fc.property(fc.dictionary(anyText, value), (resource) => {
        rendered(resource);
      }),
    );
  });
});

describe("the pages of an exposition", () => {
  it("are small, however many label sets and buckets there are", () => {
    const durationBuckets = Array.from({ length: 100 }, (_, i) => (i + 1) / 10);
    const view = redView({ service: "shop", pathLabel: "path", durationBuckets, maxLabelSets: 10_000 });
    const labelSets = new LabelSets(10_000, view.attributesProcessors[0]);
    const aggregator = new Aggregator(view, labelSets, 0);
    for (let i = 0; i < 2000; i++) aggregator.record(labelSets.labelSet(labelSets.template(`/${i}`), 0, 200), 1);
    const red = aggregator.snapshot({ excluded: 0, forEachOperation() {} }, 0);
    const scopeMetrics: RedScopeMetrics = { scope: { name: "otel-red" }, metrics: [], red };
    const metrics = { resource: { attributes: {} } as never, scopeMetrics: [scopeMetrics] };
    const sizes = [...exposition(metrics, "text", () => 0, unexpected)].map((page) => page.length);
    assert.ok(sizes.reduce((sum, bytes) => sum + bytes) > 20_000_000);
    assert.ok(Math.max(...sizes) <= 80_000, `${Math.max(...sizes)} bytes on one page`);
  });
});
