import assert from "node:assert/strict";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { AggregationTemporality, type PushMetricExporter } from "@opentelemetry/sdk-metrics";
import { ReportedExporter } from "../../src/exporter/otlp/reported.ts";

const NOTHING = { resource: resourceFromAttributes({}), scopeMetrics: [] };

/** Exports with these results in turn. @returns the lines that were said */
function linesOf(results: readonly (Error | undefined)[], temporality = AggregationTemporality.CUMULATIVE): string[] {
  const left = [...results];
  const { reported, lines } = reportedExporter((resultCallback) => resultCallback(resultOf(left.shift())), temporality);
  for (const _ of results) {
    let result: ExportResult | undefined;
    reported.export(NOTHING, (given) => {
      result = given;
    });
    assert.ok(result, "the reader has its result, too");
  }
  return lines;
}

const resultOf = (error: Error | undefined): ExportResult =>
  error ? { code: ExportResultCode.FAILED, error } : { code: ExportResultCode.SUCCESS };

function reportedExporter(
  onExport: (resultCallback: (result: ExportResult) => void) => void,
  temporality: AggregationTemporality,
): { reported: ReportedExporter; lines: string[] } {
  const lines: string[] = [];
  const exporter: PushMetricExporter = {
    export: (_metrics, resultCallback) => onExport(resultCallback),
    forceFlush: async () => {},
    shutdown: async () => {},
    selectAggregationTemporality: () => temporality,
  };
  const say = (severity: string) => (message: string) => void lines.push(`${severity}: ${message}`);
  const log = { error: say("error"), warn: say("warn"), info: say("info") };
  return { reported: new ReportedExporter(exporter, "there", log, () => {}), lines };
}

const KEPT =
  "Counts are kept while the process runs, and the next export that succeeds has them; points in time until then are lost";
const refused = () => Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:4318"), { code: "ECONNREFUSED" });
const notFound = () => Object.assign(new Error("Not Found"), { code: 404 });
const REFUSED = `error: exports to there fail: connect ECONNREFUSED 127.0.0.1:4318. ${KEPT}`;
const NOT_FOUND = `error: exports to there fail: Not Found (404). ${KEPT}. This does not pass by itself: check OTEL_EXPORTER_OTLP_ENDPOINT and its path, and whether the collector receives metrics there`;
const AGAIN = "warn: exports to there succeed again";

describe("what is said of exports", () => {
  for (const { what, results, lines } of [
    { what: "nothing when all is well", results: [undefined, undefined], lines: [] },
    {
      what: "an outage once, and its end once",
      results: [refused(), refused(), undefined, undefined],
      lines: [REFUSED, AGAIN],
    },
    {
      what: "each kind of failure once",
      results: [refused(), notFound(), refused(), notFound()],
      lines: [REFUSED, NOT_FOUND],
    },
    { what: "the next outage again", results: [refused(), undefined, refused()], lines: [REFUSED, AGAIN, REFUSED] },
    {
      what: "no more than five kinds of an outage",
      results: Array.from({ length: 20 }, (_, number) => new Error(`request ${number} failed`)),
      lines: [0, 1, 2, 3, 4].map((number) => `error: exports to there fail: request ${number} failed. ${KEPT}`),
    },
    {
      what: "a kind of gRPC's once, whatever the times in it",
      results: [
        "Deadline exceeded after 10.000s,name resolution: 0.012s,Waiting for LB pick",
        "Deadline exceeded after 10.001s,metadata filters: 0.001s,Waiting for LB pick",
      ].map((message) => Object.assign(new Error(`4 DEADLINE_EXCEEDED: ${message}`), { code: 4 })),
      lines: [`error: exports to there fail: 4 DEADLINE_EXCEEDED: Deadline exceeded. ${KEPT}`],
    },
    {
      what: "the code where the message is empty",
      results: [Object.assign(new AggregateError([]), { code: "ECONNREFUSED" })],
      lines: [`error: exports to there fail: AggregateError (ECONNREFUSED). ${KEPT}`],
    },
  ]) {
    it(what, () => assert.deepEqual(linesOf(results), lines));
  }

  /** A collector that hangs, and recovers: exports that it has never answered time out after the first that got through. */
  for (const [temporality, lines] of [
    [AggregationTemporality.CUMULATIVE, [REFUSED, AGAIN]],
    [
      AggregationTemporality.DELTA,
      [
        /What they would have told is lost/,
        /succeed again; lost are 1 exports/,
        /What they would have told is lost/,
        /again; lost are 1 exports/,
      ],
    ],
  ] as [AggregationTemporality, (string | RegExp)[]][]) {
    it(`an export that fails when a younger one has succeeded, ${AggregationTemporality[temporality]}`, () => {
      const pending: ((result: ExportResult) => void)[] = [];
      const { reported, lines: said } = reportedExporter((onResult) => void pending.push(onResult), temporality);
      for (let count = 0; count < 4; count++) reported.export(NOTHING, () => {});
      pending[1]?.(resultOf(refused()));
      pending[2]?.(resultOf(undefined));
      pending[0]?.(resultOf(refused()));
      pending[3]?.(resultOf(undefined));
      assert.equal(said.length, lines.length, said.join());
      for (const [index, line] of lines.entries()) {
        if (typeof line === "string") assert.equal(said[index], line);
        else assert.match(said[index] ?? "", line);
      }
    });
  }

  it("under delta temporality, what is lost", () => {
    assert.deepEqual(linesOf([refused()], AggregationTemporality.DELTA), [
      "error: exports to there fail: connect ECONNREFUSED 127.0.0.1:4318. What they would have told is lost; the next one is tried all the same",
    ]);
  });
  it("under delta temporality, how much has been lost when it is over", () => {
    const again = "warn: exports to there succeed again; lost are 2 exports, of 0 requests";
    assert.deepEqual(linesOf([refused(), refused(), undefined, undefined], AggregationTemporality.DELTA).slice(1), [
      again,
    ]);
  });
});
