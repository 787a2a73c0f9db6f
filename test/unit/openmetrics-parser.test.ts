/** The strict reader of OpenMetrics that other tests rely on: what it reads, and what it refuses. */
import assert from "node:assert/strict";
import { parseOpenMetrics } from "../support/openmetrics.ts";

/** After the specification's examples, without what we do not write (timestamps, exemplars, summaries). */
const DOCUMENTED = `# TYPE target info
# HELP target Target metadata
target_info{env="prod",hostname="myhost"} 1
# TYPE go_goroutines gauge
# HELP go_goroutines Number of goroutines that currently exist.
go_goroutines 69
# TYPE process_cpu_seconds counter
# UNIT process_cpu_seconds seconds
# HELP process_cpu_seconds Total user and system CPU time spent in \\"seconds\\".
process_cpu_seconds_total 4.20072246e+06
# TYPE foo histogram
foo_bucket{le="0.0"} 0
foo_bucket{le="1e-05"} 0
foo_bucket{le="1.1e+23"} 17
foo_bucket{le="+Inf"} 17
foo_count 17
foo_sum 324789.3
foo_created 1520430000.123
# TYPE empty gauge
# EOF
`;

describe("parseOpenMetrics", () => {
  it("reads the examples of the specification", () => {
    const { families, samples } = parseOpenMetrics(DOCUMENTED);
    assert.deepEqual(Object.fromEntries(families), {
      target: { type: "info", help: "Target metadata" },
      go_goroutines: { type: "gauge", help: "Number of goroutines that currently exist." },
      process_cpu_seconds: {
        type: "counter",
        unit: "seconds",
        help: 'Total user and system CPU time spent in "seconds".',
      },
      foo: { type: "histogram" },
      empty: { type: "gauge" },
    });
    assert.deepEqual(samples.slice(0, 3), [
      { name: "target_info", labels: { env: "prod", hostname: "myhost" }, value: 1 },
      { name: "go_goroutines", labels: {}, value: 69 },
      { name: "process_cpu_seconds_total", labels: {}, value: 4200722.46 },
    ]);
    assert.equal(samples.length, 10);
  });

  for (const [what, text, labels] of [
    ["escapes", 'a{b="\\\\n\\n\\""} 1', { b: '\\n\n"' }],
    ["no labels in braces", "a{} 1", {}],
    ["any other character in a value", 'a{b="\0\t\r{},=# \u2028é"} 1', { b: "\0\t\r{},=# \u2028é" }],
  ] as const) {
    it(`reads ${what}`, () => {
      assert.deepEqual(parseOpenMetrics(`# TYPE a gauge\n${text}\n# EOF\n`).samples, [{ name: "a", labels, value: 1 }]);
    });
  }

  const histogram = (...lines: string[]) => ["# TYPE h histogram", ...lines];
  for (const [what, lines] of [
    ["an empty line", ["# TYPE a gauge", "", "a 1"]],
    ["a comment", ["# a comment"]],
    ["a repeated TYPE", ["# TYPE a gauge", "# TYPE a gauge"]],
    ["a repeated HELP", ["# HELP a x", "# HELP a x"]],
    ["a repeated UNIT", ["# UNIT a_s s", "# UNIT a_s s"]],
    ["a type of the text format only", ["# TYPE a untyped"]],
    ["a unit that is not in the name", ["# TYPE a gauge", "# UNIT a seconds"]],
    ["metadata after a sample", ["# TYPE a gauge", "a 1", "# HELP a x"]],
    ["two blanks", ["# TYPE a gauge", "a  1"]],
    ["a blank at the end", ["# TYPE a gauge", "a 1 "]],
    ["a timestamp", ["# TYPE a gauge", "a 1 123"]],
    ["an exemplar", ["# TYPE a counter", 'a_total 1 # {b="c"} 1']],
    ["a blank within the braces", ["# TYPE a gauge", 'a{b="c", d="e"} 1']],
    ["a comma after the last label", ["# TYPE a gauge", 'a{b="c",} 1']],
    ["a hexadecimal value", ["# TYPE a gauge", "a 0x10"]],
    ["a value beyond 64 bits", ["# TYPE a gauge", "a 1e999"]],
    ["an undefined escape", ["# TYPE a gauge", 'a{b="\\t"} 1']],
    ["a quote that is not escaped", ["# TYPE a gauge", 'a{b="c"d"} 1']],
    ["a quote in HELP that is not escaped", ['# HELP a the "a"']],
    ["a reserved label", ["# TYPE a gauge", 'a{__name__="c"} 1']],
    ["a label twice", ["# TYPE a gauge", 'a{b="c",b="d"} 1']],
    ["a series twice", ["# TYPE a gauge", 'a{b="c",d="e"} 1', 'a{d="e",b="c"} 1']],
    ["a counter without _total", ["# TYPE a counter", "a 1"]],
    ["a counter that is named with _total", ["# TYPE a_total counter", "a_total 1"]],
    ["a negative counter", ["# TYPE a counter", "a_total -1"]],
    ["a sample of no family", ["a 1"]],
    ["an info that is not 1", ["# TYPE a info", "a_info 2"]],
    ["a family in two places", ["# TYPE a gauge", "a 1", "# TYPE b gauge", "b 1", 'a{c="d"} 1']],
    ["names that clash", ["# TYPE a counter", "# TYPE a_created gauge"]],
    [
      "interleaved metrics",
      histogram('h_bucket{a="1",le="+Inf"} 1', 'h_bucket{a="2",le="+Inf"} 1', 'h_count{a="1"} 1'),
    ],
    ["a histogram without +Inf", histogram('h_bucket{le="1"} 1', "h_count 1", "h_sum 1")],
    ["a histogram whose _count differs", histogram('h_bucket{le="+Inf"} 1', "h_count 2", "h_sum 1")],
    ["a histogram with _sum and no _count", histogram('h_bucket{le="+Inf"} 1', "h_sum 1")],
    ["buckets that are not cumulative", histogram('h_bucket{le="1"} 2', 'h_bucket{le="+Inf"} 1')],
    ["bounds that do not ascend", histogram('h_bucket{le="2"} 1', 'h_bucket{le="1"} 1', 'h_bucket{le="+Inf"} 1')],
    ["half a request in a bucket", histogram('h_bucket{le="+Inf"} 0.5')],
    ["a bucket without a bound", histogram("h_bucket 1", 'h_bucket{le="+Inf"} 1')],
    ["something after # EOF", ["# EOF", "# TYPE a gauge"]],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(() => parseOpenMetrics([...lines, "# EOF", ""].join("\n")), { name: "ExpositionError" });
    });
  }

  it("refuses an exposition that does not end", () => {
    assert.throws(() => parseOpenMetrics("# TYPE a gauge\na 1\n"), /no # EOF/);
    assert.throws(() => parseOpenMetrics("# TYPE a gauge\r\n# EOF\n"), /unknown type/);
  });
});
