/** What the runs of a step amount to, the second run of its failed test files included; and the summary of all steps. */
import { type FileCounts, NO_TESTS, type TestCounts } from "./reporter.ts";

/** A process of a step, once it has ended. */
export interface Run {
  /** The exit code or the signal. */
  readonly end: number | NodeJS.Signals;
  readonly seconds: number;
  /** Undefined where the process has run no tests, or ended before it could tell. */
  readonly counts: TestCounts | undefined;
}

export interface Outcome extends FileCounts {
  readonly result: string;
  readonly seconds: number;
  /** Test files that failed, and passed when they were run once more by themselves. */
  readonly flaky: readonly string[];
}

/** As many files may be flaky in one `npm test`. */
const MOST_FLAKY = 2;

/**
 * Runs each failed test file once more. The counts of the second run take the place of the first one's, but the failures of
 * both are told.
 *
 * @param rerun runs one test file by itself
 */
export async function outcomeOf(first: Run, rerun: (file: string) => Promise<Run>): Promise<Outcome> {
  if (first.end === 0) return { ...sum(first.counts), result: "ok", seconds: first.seconds, flaky: [] };
  const failedFiles = Object.entries(first.counts ?? {}).flatMap(([file, { failed }]) => (failed > 0 ? [file] : []));
  // a crash of mocha, or a failure that is none of a test file's, is not explained by its tests
  const isExplained = typeof first.end === "number" && failedFiles.length > 0 && !failedFiles.includes("");
  if (!isExplained) return failedOutcome(first, sum(first.counts));

  const counts: Record<string, FileCounts> = { ...first.counts };
  const flaky: string[] = [];
  let { seconds } = first;
  for (const file of failedFiles) {
    const known = counts[file] ?? NO_TESTS;
    const second = await rerun(file);
    seconds += second.seconds;
    const { passed, failed, skipped, failures } = sum(second.counts);
    const hasPassed = second.end === 0 && passed > 0;
    if (hasPassed) flaky.push(file);
    const again = failures.map((failure) => `once more, by itself: ${failure}`);
    counts[file] = {
      passed,
      failed: hasPassed ? 0 : Math.max(failed, 1),
      skipped,
      failures: [...known.failures, ...again],
    };
  }
  const total = sum(counts);
  if (total.failed > 0) return { ...failedOutcome({ ...first, seconds }, total), flaky };
  return { ...total, result: "ok, but flaky", seconds, flaky };
}

function failedOutcome({ end, seconds }: Run, counts: FileCounts): Outcome {
  const how = typeof end === "string" ? `signal ${end}` : `exit code ${end}`;
  return { ...counts, failed: Math.max(counts.failed, 1), result: `FAILED (${how})`, seconds, flaky: [] };
}

/** A step that was not run. */
export function notRun(needs: string): Outcome {
  return { ...NO_TESTS, failed: 1, result: `NOT RUN (needs ${needs})`, seconds: 0, flaky: [] };
}

function sum(counts: TestCounts = {}): FileCounts {
  return Object.values(counts).reduce(
    (total, { passed, failed, skipped, failures }) => ({
      passed: total.passed + passed,
      failed: total.failed + failed,
      skipped: total.skipped + skipped,
      failures: [...total.failures, ...failures],
    }),
    NO_TESTS,
  );
}

export interface Summary {
  /** The last one is `N passed, N failed`. */
  readonly lines: readonly string[];
  readonly hasFailed: boolean;
}

/** @param outcomes by the step's script */
export function summaryOf(outcomes: ReadonlyMap<string, Outcome>): Summary {
  const all = [...outcomes.values()];
  const failures = all.flatMap((outcome) => outcome.failures);
  const flaky = all.flatMap((outcome) => outcome.flaky);
  const isTooFlaky = flaky.length > MOST_FLAKY;
  const passed = all.reduce((total, outcome) => total + outcome.passed, 0);
  const failed = all.reduce((total, outcome) => total + outcome.failed, isTooFlaky ? 1 : 0);
  const lines = [
    ...(failures.length > 0 ? [heading("failures"), failures.join("\n\n")] : []),
    heading("summary"),
    ...[...outcomes].map(([script, outcome]) => stepLine(script, outcome)),
    ...flaky.map((file) => `flaky: ${file} failed, and passed when it was run by itself`),
    ...(flaky.length > 0
      ? [`flaky files: ${flaky.length}${isTooFlaky ? `, more than ${MOST_FLAKY}: FAILED` : ""}`]
      : []),
    "",
    `${passed} passed, ${failed} failed`,
  ];
  return { lines, hasFailed: failed > 0 };
}

function stepLine(script: string, { passed, failed, skipped, result, seconds }: Outcome): string {
  const tests = passed + skipped > 0 ? `${passed} passed, ${failed} failed, ${skipped} skipped` : "";
  return `${script.padEnd(14)} ${seconds.toFixed(1).padStart(6)} s  ${result}  ${tests}`.trimEnd();
}

export function heading(text: string): string {
  return `\n── ${text} ${"─".repeat(Math.max(70 - text.length, 0))}`;
}
