/** What the benchmark and the soak make of their measurements; the measurements themselves are nothing to assert. */
import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { absolute, difference, type Measurement, pick, ratio, related, summary } from "../bench/compare.ts";
import { CounterPage } from "../bench/counter-page.ts";
import { readOptions } from "../bench/options.ts";
import { markdownTable, terminalTable } from "../bench/report.ts";
import { added, measuredCells, type Row, spellKilobytes, spellMilliseconds, spellRatio } from "../bench/row.ts";
import { ROW_NAMES, type RowName } from "../bench/rows.ts";
import { inTurns, interleaved } from "../bench/schedule.ts";
import { countLabelSets } from "../bench/scrape.ts";
import { readSoakOptions } from "../bench/soak/options.ts";
import { heapSlope } from "../bench/soak/slope.ts";
import { shareOfSources } from "../bench/source-share.ts";
import { BARE, COMPARED, VARIANTS, type Variant, type VariantName } from "../bench/variants.ts";
import { distinctPaths } from "../bench/words.ts";

function measurement(variant: VariantName, atMs: number, value: number): Measurement {
  return { variant, atMs, value };
}

describe("the benchmark's statistics", () => {
  for (const [values, expected] of [
    [[3], { median: 3, p25: 3, p75: 3, count: 1 }],
    [[1, 2], { median: 1.5, p25: 1.25, p75: 1.75, count: 2 }],
    [[5, 1, 4, 2, 3], { median: 3, p25: 2, p75: 4, count: 5 }],
  ] as const) {
    it(`of ${values.join(", ")}`, () => assert.deepEqual(summary(values), expected));
  }

  it("of nothing are an error", () => assert.throws(() => summary([]), RangeError));

  it("hold a measurement against the bare one nearest in time", () => {
    const measurements = [
      measurement("bare", 0, 10),
      measurement("light", 2, 11),
      measurement("bare", 10, 20),
      measurement("light", 9, 24),
    ];
    assert.equal(related(measurements, ratio).get("light")?.median, (1.1 + 1.2) / 2);
    assert.equal(related(measurements, difference).get("light")?.median, (1 + 4) / 2);
    assert.equal(related(measurements, ratio).has("bare"), false);
    assert.equal(absolute(measurements).get("bare")?.median, 15);
  });

  it("take each figure of a measurement that has several", () => {
    const several = [{ variant: "light" as const, atMs: 1, value: [1, 2] }];
    assert.deepEqual(
      pick(several, (figures) => figures),
      [measurement("light", 1, 1), measurement("light", 1, 2)],
    );
  });
});

describe("the benchmark's order", () => {
  it("has every variant in each round, and never more than two in a row without the bare one", async () => {
    const rounds = 20;
    const order = (await interleaved(COMPARED, rounds, async ({ name }) => name)).map(({ variant }) => variant);
    for (const { name } of COMPARED) assert.equal(order.filter((each) => each === name).length, rounds);
    assert.equal(order[0], "bare");
    for (let index = 2; index < order.length; index++) assert.ok(order.slice(index - 2, index + 1).includes("bare"));
  });
});

describe("the benchmark's turns", () => {
  it("have each of two as often, and each of them first as often", async () => {
    const [one, other] = COMPARED as [Variant, Variant];
    const order = (await inTurns([one, other], 4, async ({ name }) => name)).map(({ variant }) => variant);
    const expected = [one, other, other, one, one, other, other, one];
    assert.deepEqual(
      order,
      expected.map(({ name }) => name),
    );
  });
});

describe("the benchmark's options", () => {
  const rows = (args: readonly string[]) => [...readOptions(args).rows.keys()];
  const names = (args: readonly string[], row: RowName = "http") =>
    readOptions(args)
      .rows.get(row)
      ?.map(({ name }) => name);

  it("are by default all rows, each with its usual variants", () => {
    assert.deepEqual(rows([]), ROW_NAMES);
    assert.equal(names([])?.length, VARIANTS.length - 1);
    assert.deepEqual(names([], "next"), ["again", "light", "prom-client", "express-prom-bundle", "otel"]);
    assert.deepEqual(names(["--variants", "stock"], "next"), ["stock"]);
    assert.deepEqual(names(["--variants", "light, bare"]), ["light"]);
    assert.deepEqual(rows(["--rows", "express,http"]), ["http", "express"]);
    assert.deepEqual(rows(["--rows", "install,cpu,http"]).slice(-2), ["next", "install"]);
    assert.equal(readOptions(["--windows", "4"]).windows, 4);
  });

  it("can be overruled in the short run", () => {
    assert.ok(readOptions(["--short"]).windows < readOptions([]).windows);
    assert.deepEqual(names(["--short", "--variants", "auto"]), ["auto"]);
  });

  for (const [args, message] of [
    [["--rows", "http,nonsense"], /--rows=http,nonsense: unknown: nonsense; accepted: http, /],
    [["--rows", ""], /--rows=: unknown/],
    [["--variants", "all"], /--variants=all: unknown: all; accepted: bare, again, light/],
    [["--windows", "0"], /--windows=0: accepted: a whole number from 1/],
    [["--windows", "1.5"], /--windows=1.5/],
    [["--fast"], /--fast/],
    [["http"], /http/],
  ] as const) {
    it(`refuse ${args.join(" ")}`, () => assert.throws(() => readOptions(args), message));
  }
});

describe("the soak's options", () => {
  it("are five minutes of light by default", () => {
    assert.deepEqual(readSoakOptions([]), { seconds: 300, variant: VARIANTS.find(({ name }) => name === "light") });
    assert.equal(readSoakOptions(["--minutes", "0.5"]).seconds, 30);
    assert.equal(readSoakOptions(["--seconds", "20", "--instrumentation", "none"]).variant, BARE);
  });

  for (const args of [
    ["--seconds", "9"],
    ["--minutes", "x"],
    ["--minutes", "1", "--seconds", "60"],
    ["--instrumentation", "all"],
  ]) {
    it(`refuse ${args.join(" ")}`, () => assert.throws(() => readSoakOptions(args), /--/));
  }
});

describe("the benchmark's table", () => {
  const measurements = [measurement("bare", 0, 10), measurement("light", 1, 10.5), measurement("light", 2, 11.5)];
  const rows: Row[] = [
    { title: "CPU", cells: measuredCells(related(measurements, ratio), spellRatio) },
    { title: "Stall", cells: measuredCells(absolute(measurements), spellMilliseconds) },
  ];
  const columns = VARIANTS.filter(({ name }) => name === "bare" || name === "light");

  it("in Markdown has the median and the spread, and a dash where there is nothing", () => {
    assert.equal(
      markdownTable(rows, columns),
      [
        "|  | bare | otel-red light |",
        "| --- | ---: | ---: |",
        "| CPU | – | **1.10x** (1.07x – 1.13x) |",
        "| Stall | 10.0 ms | **11.0 ms** (10.8 ms – 11.3 ms) |",
      ].join("\n"),
    );
  });

  it("in a terminal has the same", () => {
    const text = stripVTControlCharacters(terminalTable(rows, columns));
    assert.match(text, /CPU +– +1\.10x/);
    assert.match(text, /Stall +10\.0 ms +11\.0 ms/);
  });

  for (const [bytes, expected] of [
    [1234, "+1.23 kB"],
    [-1234, "-1.23 kB"],
    [-1, "0.00 kB"],
    [123_456, "+123 kB"],
  ] as const) {
    it(`spells ${bytes} added bytes ${expected}`, () => assert.equal(added(spellKilobytes)(bytes), expected));
  }
});

describe("the label sets of an exposition", () => {
  it("are the series of its duration histogram, whoever wrote it", () => {
    const exposition = [
      "# TYPE http_request_duration_seconds histogram",
      'http_request_duration_seconds_bucket{path="/a",le="+Inf"} 1',
      'http_request_duration_seconds_count{path="/a"} 1',
      'http_server_request_duration_count{http_route="/b"} 1',
      'http_request_summary_seconds_count{path="/a"} 1',
      'other_duration_seconds_count{path="/a"} 1',
      "http_request_duration_seconds_count 1",
    ];
    assert.equal(countLabelSets(Buffer.from(exposition.join("\n"))), 3);
  });

  it("can be as many as there are distinct paths", () => {
    assert.equal(new Set(distinctPaths("/", 100_000)).size, 100_000);
  });
});

describe("the slope of the heap", () => {
  it("is that of most samples, not of a single step", () => {
    const steady = [0, 10, 20, 30, 40, 50].map((requests) => ({ requests, bytes: 1000 + 2 * requests }));
    assert.equal(heapSlope(steady), 2);
    const flatWithStep = [0, 10, 20, 30, 40, 50].map((requests) => ({ requests, bytes: requests < 10 ? 0 : 1000 }));
    assert.equal(heapSlope(flatWithStep), 0);
  });

  it("is not there of one sample", () => assert.ok(Number.isNaN(heapSlope([{ requests: 1, bytes: 1 }]))));
});

describe("the counters of a page", () => {
  const page = (...lines: string[]) => new CounterPage(lines.join("\n"));
  const before = page(
    "# TYPE http_requests_total counter",
    'http_requests_total{path="/a"} 3',
    'http_requests_total{path="/b c"} 4',
    'http_request_duration_seconds_bucket{path="/a",le="+Inf"} 3',
    'http_requests_active{path="/a"} 9',
    'nodejs_gc_total{worker="1"} 5',
  );

  it("have all requests", () => assert.equal(before.requests, 7));

  for (const [what, later, lower] of [
    ["all is there", before, 0],
    ["one is lower", page('http_requests_total{path="/a"} 2', 'http_requests_total{path="/b c"} 4'), 2],
    ["all have gone", page("ok"), 3],
  ] as const) {
    it(`${what}: ${lower} are lower`, () => assert.equal(before.lowerIn(later), lower));
  }
});

describe("the share of some source files in a profile", () => {
  const node = (id: number, functionName: string, url: string, children: number[] = []) => ({
    id,
    callFrame: { functionName, url, lineNumber: 0, columnNumber: 0 },
    children,
  });
  const profile = {
    nodes: [
      node(1, "(root)", "", [2, 3, 5]),
      node(2, "(idle)", ""),
      node(3, "send", "src/group/link.ts", [4]),
      node(4, "writeSync", "node:fs"),
      node(5, "writeSync", "node:fs"),
    ],
    samples: [2, 3, 4, 5],
    timeDeltas: [60, 10, 10, 20],
  };

  it("has what their functions call", () =>
    assert.deepEqual(shareOfSources(profile, "src/group/"), { ofCore: 0.2, ofBusy: 0.5 }));

  it("is an error where none of them is there", () =>
    assert.throws(() => shareOfSources(profile, "src/view/"), /no function of src\/view\//));
});
