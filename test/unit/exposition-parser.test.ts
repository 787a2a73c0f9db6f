/** The strict reader of the text exposition that all other tests rely on: what it reads, and what it refuses. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import {
  type Exposition,
  ExpositionError,
  type MetricFamily,
  parseExposition,
  type Sample,
  series,
  total,
} from "../support/exposition.ts";

describe("parseExposition", () => {
  it("reads the example of the Prometheus documentation", () => {
    const { families, samples } = parseExposition(DOCUMENTED);
    assert.deepEqual(Object.fromEntries(families), {
      http_requests_total: { help: "The total number of HTTP requests.", type: "counter" },
      msdos_file_access_time_seconds: { help: "", type: "untyped" },
      metric_without_timestamp_and_labels: { help: "", type: "untyped" },
      something_weird: { help: "", type: "untyped" },
      http_request_duration_seconds: { help: "A histogram of the request duration.", type: "histogram" },
      rpc_duration_seconds: { help: "A summary of the RPC duration in seconds.", type: "summary" },
    });
    assert.deepEqual(samples.slice(0, 5), [
      { name: "http_requests_total", labels: { method: "post", code: "200" }, value: 1027, timestampMs: 1395066363000 },
      { name: "http_requests_total", labels: { method: "post", code: "400" }, value: 3, timestampMs: 1395066363000 },
      {
        name: "msdos_file_access_time_seconds",
        labels: { path: "C:\\DIR\\FILE.TXT", error: 'Cannot find file:\n"FILE.TXT"' },
        value: 1.458255915e9,
      },
      { name: "metric_without_timestamp_and_labels", labels: {}, value: 12.47 },
      { name: "something_weird", labels: { problem: "division by zero" }, value: Infinity, timestampMs: -3982045 },
    ]);
    assert.deepEqual(
      series(samples, "http_request_duration_seconds_bucket").map(({ labels, value }) => [labels.le, value]),
      [
        ["0.05", 24054],
        ["0.1", 33444],
        ["1", 133988],
        ["+Inf", 144320],
      ],
    );
    assert.equal(total(samples, "rpc_duration_seconds_count"), 2693);
  });

  for (const [what, text, expected] of [
    ["nothing at all", "", []],
    [
      "empty lines, comments and white space",
      " \t\n# a comment\n#\n\t# EOF\n  a\t1  2 \t\n",
      [{ name: "a", labels: {}, value: 1, timestampMs: 2 }],
    ],
    ["blanks and tabs between all tokens", 'a { b\t= "c" , } 1\n', [{ name: "a", labels: { b: "c" }, value: 1 }]],
    [
      "no blanks where tokens do not merge",
      'a{b="c",d="e"}-Inf\n',
      [{ name: "a", labels: { b: "c", d: "e" }, value: -Infinity }],
    ],
    ["NaN in any case", "a nAn\n", [{ name: "a", labels: {}, value: Number.NaN }]],
    ["infinity spelt out", "a +infinity\n", [{ name: "a", labels: {}, value: Infinity }]],
    [
      "floats as Go writes and reads them",
      "a .5\nb 1.e+3\nc -0\n",
      [
        { name: "a", labels: {}, value: 0.5 },
        { name: "b", labels: {}, value: 1000 },
        { name: "c", labels: {}, value: -0 },
      ],
    ],
    [
      "braces, quotes and separators within a label value",
      'a{b="},\\"= #"} 1\n',
      [{ name: "a", labels: { b: '},"= #' }, value: 1 }],
    ],
    ["a carriage return within a label value", 'a{b="\r"} 1\n', [{ name: "a", labels: { b: "\r" }, value: 1 }]],
    [
      "a label that is a property of every object",
      'a{__proto__="x",constructor="y"} 1\n',
      [
        {
          name: "a",
          labels: Object.fromEntries([
            ["__proto__", "x"],
            ["constructor", "y"],
          ]),
          value: 1,
        },
      ],
    ],
  ] satisfies [string, string, Sample[]][]) {
    it(`accepts ${what}`, () => assert.deepEqual(parseExposition(text).samples, expected));
  }

  for (const [what, line, text] of [
    ["a last line without line feed", 2, "a 1\nb 2"],
    ["a metric name with a dot", 1, "a.b 1\n"],
    ["a metric name that starts with a digit", 1, "1a 1\n"],
    ["a quoted metric name", 1, '{"a.b"} 1\n'],
    ["a name without value", 1, "a\n"],
    ["a value that is no number", 1, "a one\n"],
    ["an empty value after labels", 1, 'a{b="c"}\n'],
    ["a hexadecimal value", 1, "a 0x1p-2\n"],
    ["a value with underscores", 1, "a 1_000\n"],
    ["a value beyond a double", 1, "a 1e999\n"],
    ["a signed NaN", 1, "a -NaN\n"],
    ["a carriage return at the end of a line", 1, "a 1\r\n"],
    ["a timestamp with a fraction", 1, "a 1 1.5\n"],
    ["a timestamp beyond 64 bits", 1, "a 1 9223372036854775808\n"],
    ["a third number", 1, "a 1 2 3\n"],
    ["an exemplar of OpenMetrics", 1, 'a 1 # {trace="x"} 1\n'],
    ["empty braces", 1, "a{} 1\n"],
    ["a lone comma in braces", 1, "a{,} 1\n"],
    ["two commas", 1, 'a{b="c",,} 1\n'],
    ["labels without comma", 1, 'a{b="c"d="e"} 1\n'],
    ["labels without end", 1, 'a{b="c" 1\n'],
    ["a label name with a dash", 1, 'a{b-c="d"} 1\n'],
    ["a label name with a colon", 1, 'a{b:c="d"} 1\n'],
    ["the label __name__", 1, 'a{__name__="b"} 1\n'],
    ["one label twice", 1, 'a{b="c",b="d"} 1\n'],
    ["a label value without quotes", 1, "a{b=c} 1\n"],
    ["a label value without its closing quote", 1, 'a{b="c} 1\n'],
    ["a raw line feed in a label value", 1, 'a{b="c\nd"} 1\n'],
    ["an unknown escape in a label value", 1, 'a{b="\\t"} 1\n'],
    ["an unknown escape in HELP", 1, '# HELP a \\"\n'],
    ["a backslash at the end of HELP", 1, "# HELP a b\\\n"],
    ["HELP without a name", 2, "a 1\n# HELP\n"],
    ["HELP with an invalid name", 1, "# HELP a.b c\n"],
    ["a second HELP", 2, "# HELP a b\n# HELP a b\na 1\n"],
    ["TYPE without a type", 1, "# TYPE a\n"],
    ["a type of OpenMetrics", 1, "# TYPE a unknown\n"],
    ["a type in capitals", 1, "# TYPE a COUNTER\n"],
    ["a word after the type", 1, "# TYPE a counter really\n"],
    ["a second TYPE", 2, "# TYPE a gauge\n# TYPE a gauge\n"],
    ["TYPE after the first sample", 2, "a 1\n# TYPE a gauge\n"],
    ["HELP after the first sample", 2, "a 1\n# HELP a b\n"],
    ["a metric in two places", 3, 'a{b="c"} 1\nd 1\na{b="e"} 1\n'],
    ["one series twice", 2, 'a{b="c",d="e"} 1\na{d="e",b="c"} 2\n'],
    ["a histogram without +Inf", 4, histogram('h_bucket{le="1"} 2', "h_sum 2", "h_count 2")],
    ["a histogram without _count", 3, histogram('h_bucket{le="+Inf"} 2', "h_sum 2")],
    ["a _count that differs from +Inf", 3, histogram('h_bucket{le="+Inf"} 2', "h_count 3")],
    [
      "a second label set whose _count differs",
      5,
      histogram('h_bucket{a="",le="+Inf"} 2', 'h_count{a=""} 2', 'h_bucket{a="b",le="+Inf"} 2', 'h_count{a="b"} 3'),
    ],
    ["an incomplete histogram before other metrics", 2, histogram('h_bucket{le="1"} 2', "other 1")],
    ["bounds out of order", 3, histogram('h_bucket{le="10"} 1', 'h_bucket{le="9"} 1')],
    ["a bound twice, spelt differently", 3, histogram('h_bucket{le="1"} 1', 'h_bucket{le="1.0"} 1')],
    [
      "buckets that are not cumulative",
      3,
      histogram('h_bucket{le="1"} 2', 'h_bucket{le="2"} 1', 'h_bucket{le="+Inf"} 2', "h_count 2"),
    ],
    ["a bound that is no number", 2, histogram('h_bucket{le="one"} 2')],
    ["a bucket without le", 2, histogram("h_bucket 2")],
    ["le outside of a bucket", 2, histogram('h_count{le="1"} 2')],
    ["a plain sample of a histogram", 2, histogram("h 2")],
    ["quantiles out of order", 3, '# TYPE s summary\ns{quantile="0.9"} 1\ns{quantile="0.5"} 1\n'],
    ["a summary without quantile", 2, "# TYPE s summary\ns 1\n"],
  ] satisfies [string, number, string][]) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => parseExposition(text),
        (error) => {
          assert.ok(error instanceof ExpositionError, String(error));
          assert.equal(error.line, line, error.message);
          return true;
        },
      );
    });
  }

  it("keeps HELP and TYPE of a family without samples, and the UNIT that OpenMetrics adds", () => {
    const { families } = parseExposition(
      "# HELP a_seconds one\\\\two\\nthree  \n# TYPE a_seconds gauge\n# UNIT a_seconds seconds\n",
    );
    assert.deepEqual([...families], [["a_seconds", { help: "one\\two\nthree", type: "gauge", unit: "seconds" }]]);
  });

  it("takes x_count for a metric of its own where x is no histogram", () => {
    const { families } = parseExposition("# TYPE x counter\nx 1\nx_count 2\nx_bucket 3\n");
    assert.deepEqual([...families.keys()], ["x", "x_count", "x_bucket"]);
  });

  it("takes x_count for a metric of its own where it has a TYPE of its own", () => {
    const { families } = parseExposition("# TYPE x histogram\n# TYPE x_count gauge\nx_count 1\n");
    assert.deepEqual([...families.keys()], ["x", "x_count"]);
  });

  it("reads back whatever is written to the grammar", () => {
    fc.assert(
      fc.property(expositions, fc.array(fc.constantFrom(" ", "\t", "  "), { minLength: 1 }), (exposition, blanks) => {
        assert.deepEqual(parseExposition(write(exposition, blanks)), exposition);
      }),
    );
  });

  it("refuses or reads any text, and never fails in another way", () => {
    const fragments = fc.constantFrom(
      "a",
      "b",
      " ",
      "\n",
      "{",
      "}",
      '"',
      "\\",
      "=",
      ",",
      "#",
      "1",
      "e",
      "+Inf",
      "# TYPE ",
      "# HELP ",
      "histogram",
      "_count",
      'le="1"',
    );
    fc.assert(
      fc.property(
        fc.array(fragments, { maxLength: 40 }).map((parts) => parts.join("")),
        (text) => {
          try {
            parseExposition(text);
          } catch (error) {
            assert.ok(error instanceof ExpositionError, String(error));
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("agrees with prom-client about what prom-client writes", async () => {
    const registers = [new Registry()];
    new Counter({ name: "requests_total", help: 'All "requests"\nand \\more', labelNames: ["path"], registers }).inc(
      { path: 'a"\\\nb' },
      3,
    );
    new Gauge({ name: "weird", help: "-", registers }).set(Number.NaN);
    const durations = new Histogram({
      name: "seconds",
      help: "Time",
      labelNames: ["path"],
      buckets: [0.1, 1],
      registers,
    });
    for (const value of [0.05, 0.5, 5]) durations.observe({ path: "/" }, value);

    const { families, samples } = parseExposition(await (registers[0] as Registry).metrics());
    assert.equal(families.get("requests_total")?.help, 'All "requests"\nand \\more');
    assert.deepEqual(series(samples, "requests_total"), [
      { name: "requests_total", labels: { path: 'a"\\\nb' }, value: 3 },
    ]);
    assert.deepEqual(series(samples, "weird"), [{ name: "weird", labels: {}, value: Number.NaN }]);
    assert.deepEqual(
      series(samples, "seconds_bucket", { path: "/" }).map(({ value }) => value),
      [1, 2, 3],
    );
    assert.equal(total(samples, "seconds_sum"), 5.55);
  });
});

describe("series and total", () => {
  const { samples } = parseExposition('a{b="1",c="x"} 1\na{b="2",c="x"} 2\na{b="2"} 4\nab{b="2",c="x"} 8\n');
  for (const [labels, expected] of [
    [{}, [1, 2, 4]],
    [{ b: "2" }, [2, 4]],
    [{ b: "2", c: "x" }, [2]],
    [{ b: "3" }, []],
    [{ toString: "x" }, []],
  ] satisfies [Record<string, string>, number[]][]) {
    it(`a${JSON.stringify(labels)}: ${expected.join(" + ") || "nothing"}`, () => {
      assert.deepEqual(
        series(samples, "a", labels).map(({ value }) => value),
        expected,
      );
      assert.equal(
        total(samples, "a", labels),
        expected.reduce((sum, value) => sum + value, 0),
      );
    });
  }
});

function histogram(...lines: string[]): string {
  return `# TYPE h histogram\n${lines.join("\n")}\n`;
}

/** Any exposition of counters, gauges and untyped metrics; help without the outer blanks that the format cannot carry. */
const names = fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/);
const labelNames = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]*$/).filter((name) => name !== "__name__");
const values = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(Number.NaN, Infinity, -Infinity));
const samplesOf = fc.uniqueArray(
  fc.record({
    labels: fc.dictionary(labelNames, fc.string({ unit: "binary" }), { maxKeys: 4, noNullPrototype: true }),
    value: values,
    timestampMs: fc.option(fc.maxSafeInteger(), { nil: undefined }),
  }),
  { maxLength: 4, selector: ({ labels }) => JSON.stringify(Object.entries(labels).sort()) },
);
const expositions: fc.Arbitrary<Exposition> = fc
  .uniqueArray(
    fc.record({
      name: names,
      help: fc.string({ unit: "binary" }).map((help) => help.replace(/^[ \t]+|[ \t]+$/g, "")),
      type: fc.constantFrom("counter" as const, "gauge" as const, "untyped" as const),
      samples: samplesOf,
    }),
    { maxLength: 5, selector: ({ name }) => name },
  )
  .map((metrics) => ({
    families: new Map(metrics.map(({ name, help, type }): [string, MetricFamily] => [name, { help, type }])),
    samples: metrics.flatMap(({ name, samples }) =>
      samples.map(
        ({ labels, value, timestampMs }): Sample => ({
          name,
          labels,
          value,
          ...(timestampMs !== undefined && { timestampMs }),
        }),
      ),
    ),
  }));

/** Writes to the grammar, with the given white space in turn wherever white space is allowed. */
function write({ families, samples }: Exposition, blanks: readonly string[]): string {
  let next = 0;
  const _ = () => blanks[next++ % blanks.length];
  const escaped = (text: string) => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  let text = "";
  for (const [name, { help, type }] of families) {
    text += `${_()}#${_()}TYPE${_()}${name}${_()}${type}${_()}\n\n# a comment\n#${_()}HELP${_()}${name}${_()}${escaped(help)}${_()}\n`;
    for (const { labels, value, timestampMs } of series(samples, name)) {
      const pairs = Object.entries(labels).map(
        ([label, content]) => `${_()}${label}${_()}=${_()}"${escaped(content).replaceAll('"', '\\"')}"${_()}`,
      );
      const time = timestampMs === undefined ? "" : `${_()}${timestampMs}`;
      text += `${_()}${name}${_()}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""}${_()}${spelt(value)}${time}${_()}\n`;
    }
  }
  return text;
}

function spelt(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0" : String(value);
  return value > 0 ? "+Inf" : "-Inf";
}

const DOCUMENTED = `# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9

# Minimalistic line:
metric_without_timestamp_and_labels 12.47

# A weird metric from before the epoch:
something_weird{problem="division by zero"} +Inf -3982045

# HELP http_request_duration_seconds A histogram of the request duration.
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.05"} 24054
http_request_duration_seconds_bucket{le="0.1"} 33444
http_request_duration_seconds_bucket{le="1"} 133988
http_request_duration_seconds_bucket{le="+Inf"} 144320
http_request_duration_seconds_sum 53423
http_request_duration_seconds_count 144320

# HELP rpc_duration_seconds A summary of the RPC duration in seconds.
# TYPE rpc_duration_seconds summary
rpc_duration_seconds{quantile="0.01"} 3102
rpc_duration_seconds{quantile="0.99"} 76656
rpc_duration_seconds_sum 1.7560473e+07
rpc_duration_seconds_count 2693
`;
