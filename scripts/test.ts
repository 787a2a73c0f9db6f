/**
 * `npm test`: every check of the project, in order, and one closing line, `N passed, N failed`.
 *
 * A failed step does not stop the others, except those that cannot say anything without it. The closing line
 * counts test cases; a step that fails without a failed test case (lint, types, coverage, a test file that does
 * not load) counts as one failure, so that the line says 0 failed only when all is well. What failed is told once more
 * in front of the summary: often the end of a log is all that one gets to see of it.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestCounts } from "./reporter.ts";

interface Step {
  /** The npm script that is the step. */
  readonly script: string;
  /** The step without whose success this one is not run. */
  readonly needs?: string;
  /** The npm script of a step that is run at the same time, because it mostly waits; its output comes after this one's. */
  readonly beside?: string;
}

const STEPS: readonly Step[] = [
  { script: "lint" },
  { script: "typecheck" },
  { script: "knip" },
  { script: "build" },
  { script: "check:package", needs: "build" },
  { script: "test:unit" },
  { script: "test:preload", needs: "build", beside: "test:e2e" },
];

interface Outcome extends TestCounts {
  readonly result: string;
  readonly seconds: number;
}

const NO_TESTS: TestCounts = { passed: 0, failed: 0, skipped: 0, failures: [] };

function readCounts(file: string): TestCounts {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as TestCounts;
  } catch {
    return NO_TESTS; // not a mocha run, or one that ended before its first test
  }
}

async function run(script: string, directory: string, output: "inherit" | number): Promise<Outcome> {
  const countsFile = join(directory, `${script.replaceAll(":", "-")}.json`);
  const startedAtMs = performance.now();
  const child = spawn("npm", ["run", "--silent", script], {
    stdio: ["ignore", output, output],
    env: { ...process.env, TEST_COUNTS_FILE: countsFile },
  });
  const [status, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  const seconds = (performance.now() - startedAtMs) / 1000;
  const counts = readCounts(countsFile);
  if (status === 0) return { ...counts, result: "ok", seconds };
  const result = `FAILED (${signal ? `signal ${signal}` : `exit code ${status}`})`;
  return { ...counts, failed: Math.max(counts.failed, 1), result, seconds };
}

/** Its output is shown when it is asked for. */
function runQuietly(script: string, directory: string): { outcome: Promise<Outcome>; output: () => string } {
  const file = join(directory, `${script.replaceAll(":", "-")}.log`);
  const descriptor = openSync(file, "w");
  return {
    outcome: run(script, directory, descriptor).finally(() => closeSync(descriptor)),
    output: () => readFileSync(file, "utf8"),
  };
}

function headed(script: string): string {
  return `\n── ${script} ${"─".repeat(70 - script.length)}`;
}

const directory = mkdtempSync(join(tmpdir(), "otel-red-test-"));
const outcomes = new Map<string, Outcome>();
try {
  for (const { script, needs, beside } of STEPS) {
    const scripts = beside === undefined ? [script] : [script, beside];
    if (needs && outcomes.get(needs)?.result !== "ok") {
      for (const each of scripts)
        outcomes.set(each, { ...NO_TESTS, failed: 1, result: `NOT RUN (needs ${needs})`, seconds: 0 });
      continue;
    }
    console.log(headed(script));
    const quiet = beside === undefined ? undefined : runQuietly(beside, directory);
    outcomes.set(script, await run(script, directory, "inherit"));
    if (beside === undefined || quiet === undefined) continue;
    outcomes.set(beside, await quiet.outcome);
    console.log(`${headed(beside)}\n${quiet.output()}`);
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}

const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [...outcomes.values()].flatMap((outcome) => outcome.failures);
if (failures.length > 0) console.log(`\n── failures ${"─".repeat(62)}\n${failures.join("\n\n")}`);
console.log(`\n── summary ${"─".repeat(63)}`);
for (const [script, { passed, failed, skipped, result, seconds }] of outcomes) {
  const tests = passed + skipped > 0 ? `${passed} passed, ${failed} failed, ${skipped} skipped` : "";
  console.log(`${script.padEnd(14)} ${seconds.toFixed(1).padStart(6)} s  ${result}  ${tests}`.trimEnd());
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
