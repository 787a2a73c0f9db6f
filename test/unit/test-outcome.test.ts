/** `npm test`: which test files are run once more, when they are flaky, and when the run fails. */
import { deepEqual, equal, match } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NO_TESTS, type TestCounts } from "../../scripts/reporter.ts";
import { notRun, type Outcome, outcomeOf, type Run, summaryOf } from "../../scripts/test-outcome.ts";
import { nameOf, runMocha } from "../support/mocha-run.ts";

const counts = (passed: number, failed: number, failures: readonly string[] = []) => ({
  ...NO_TESTS,
  passed,
  failed,
  failures,
});
const ran = (end: Run["end"], byFile?: TestCounts): Run => ({ end, seconds: 1, counts: byFile });
const noRerun = () => Promise.reject(new Error("nothing is to be run once more"));

const A_FAILS = ran(1, { a: counts(2, 1, ["a fails"]), b: counts(3, 0) });

describe("a test file that fails", () => {
  it("is flaky where it passes by itself: its tests count as passed, its failure is told", async () => {
    const asked: string[] = [];
    const outcome = await outcomeOf(A_FAILS, async (file) => {
      asked.push(file);
      return ran(0, { a: counts(3, 0) });
    });
    deepEqual(asked, ["a"]);
    const result = { ...counts(6, 0, ["a fails"]), result: "ok, but flaky", seconds: 2, flaky: ["a"] };
    deepEqual(outcome, result);
  });

  it("has failed where it fails again: both failures are told", async () => {
    const outcome = await outcomeOf(A_FAILS, async () => ran(1, { a: counts(2, 1, ["a fails again"]) }));
    const failures = ["a fails", "once more, by itself: a fails again"];
    deepEqual(outcome, { ...counts(5, 1, failures), result: "FAILED (exit code 1)", seconds: 2, flaky: [] });
  });

  const NO_PASS: Readonly<Record<string, Run>> = {
    "crashes by itself": ran("SIGSEGV"),
    "ends with another failure": ran(7, { a: counts(3, 0) }),
    "runs no tests": ran(0, {}),
  };
  for (const [how, second] of Object.entries(NO_PASS))
    it(`has failed where it ${how}`, async () => {
      const { failed, flaky } = await outcomeOf(A_FAILS, async () => second);
      deepEqual({ failed, flaky }, { failed: 1, flaky: [] });
    });

  it("is no less flaky beside one that fails twice", async () => {
    const both = ran(2, { a: counts(0, 1), b: counts(0, 1) });
    const { failed, passed, flaky } = await outcomeOf(both, async (file) =>
      file === "a" ? ran(0, { a: counts(1, 0) }) : ran(1, { b: counts(0, 1) }),
    );
    deepEqual({ failed, passed, flaky }, { failed: 1, passed: 1, flaky: ["a"] });
  });
});

describe("nothing is run once more", () => {
  const CASES: Readonly<Record<string, readonly [Run, failed: number]>> = {
    "where all is well": [ran(0, { a: counts(1, 0) }), 0],
    "for a check that is no test": [ran(1), 1],
    "where mocha itself crashes": [ran("SIGSEGV", { a: counts(1, 1) }), 1],
    "where no test has failed, but coverage": [ran(1, { a: counts(1, 0) }), 1],
    "where a hook of no file has failed": [ran(1, { "": counts(0, 1), a: counts(1, 0) }), 1],
  };
  for (const [when, [first, failed]] of Object.entries(CASES))
    it(when, async () => equal((await outcomeOf(first, noRerun)).failed, failed));
});

describe("the summary", () => {
  const flaky = (...files: string[]): Outcome => ({
    ...counts(
      files.length,
      0,
      files.map((file) => `${file} fails`),
    ),
    result: "ok, but flaky",
    seconds: 1,
    flaky: files,
  });

  it("names flaky files, counts them, and shows their failures", () => {
    const { lines, hasFailed } = summaryOf(new Map([["test:unit", flaky("a", "b")]]));
    equal(hasFailed, false);
    equal(lines.at(-1), "2 passed, 0 failed");
    const text = lines.join("\n");
    for (const line of [/^a fails$/m, /^b fails$/m, /^flaky: a failed/m, /^flaky: b failed/m, /^flaky files: 2$/m])
      match(text, line);
  });

  it("fails with a third flaky file, whichever step it is of", () => {
    const outcomes = new Map([
      ["test:unit", flaky("a")],
      ["test:e2e", flaky("b", "c")],
    ]);
    const { lines, hasFailed } = summaryOf(outcomes);
    equal(hasFailed, true);
    equal(lines.at(-1), "3 passed, 1 failed");
    match(lines.join("\n"), /^flaky files: 3, more than 2: FAILED$/m);
  });

  it("fails with a step that was not run", () => {
    const { lines, hasFailed } = summaryOf(new Map([["test:preload", notRun("build")]]));
    equal(hasFailed, true);
    equal(lines.at(-1), "0 passed, 1 failed");
    match(lines.join("\n"), /NOT RUN \(needs build\)/);
  });

  it("says nothing of flaky files where there are none", async () => {
    const well = await outcomeOf(ran(0, { a: counts(1, 0) }), noRerun);
    const { lines } = summaryOf(new Map([["test:unit", well]]));
    equal(lines.at(-1), "1 passed, 0 failed");
    equal(/flaky/.test(lines.join("\n")), false);
  });
});

describe("mocha's own runs", () => {
  it("tell a flaky file, and one that does not load, from each other", async () => {
    const folder = mkdtempSync(join(tmpdir(), "otel-red-flaky-"));
    const env = { FLAKY_FILE: join(folder, "seen") };
    try {
      const [flaky, unloadable] = [nameOf("flaky.ts"), nameOf("unloadable.ts")];
      const first = await runMocha(["unloadable.ts", "flaky.ts"], env);
      deepEqual(Object.keys(first.counts ?? {}).sort(), [flaky, unloadable]);
      const outcome = await outcomeOf(first, (file) => runMocha([file === flaky ? "flaky.ts" : "unloadable.ts"], env));
      const { passed, failed, failures } = outcome;
      deepEqual({ passed, failed, flaky: outcome.flaky }, { passed: 2, failed: 1, flaky: [flaky] });
      match(failures.join("\n"), /unloadable\.ts › loads\nError: expected by the test/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
