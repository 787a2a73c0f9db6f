/**
 * `npm test`: every check of the project, in order, and one closing line, `N passed, N failed`.
 *
 * A failed step does not stop the others, except those that cannot say anything without it. The closing line
 * counts test cases; a step that fails without a failed test case (lint, types, coverage, a crash) counts as one failure, so
 * that the line says 0 failed only when all is well. A test file that fails is run once more by itself
 * (`test-outcome.ts`). What failed is told once more in front of the summary: often the end of a log is all that one gets to
 * see of it.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestCounts } from "./reporter.ts";
import { heading, notRun, type Outcome, outcomeOf, type Run, summaryOf } from "./test-outcome.ts";

interface Step {
  /** The npm script that is the step. */
  readonly script: string;
  /** The step without whose success this one is not run. */
  readonly needs?: string;
  /** The npm script of a step that is run at the same time, because it mostly waits; its output comes after this one's. */
  readonly beside?: string;
  /** Where it leaves V8's coverage, to which the second run of a test file adds its own. */
  readonly coverage?: string;
}

const STEPS: readonly Step[] = [
  { script: "lint" },
  { script: "typecheck" },
  { script: "knip" },
  { script: "build" },
  { script: "check:package", needs: "build" },
  { script: "test:unit", coverage: "coverage/tmp" },
  { script: "test:preload", needs: "build", beside: "test:e2e" },
];

type Output = "inherit" | number;

const directory = mkdtempSync(join(tmpdir(), "otel-red-test-"));

function readCounts(file: string): TestCounts | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as TestCounts;
  } catch {
    return undefined; // not a mocha run, or one that has not come to its end
  } finally {
    rmSync(file, { force: true });
  }
}

async function run(name: string, command: readonly [string, ...string[]], output: Output, env = {}): Promise<Run> {
  const countsFile = join(directory, `${name.replaceAll(/\W/g, "-")}.json`);
  const startedAtMs = performance.now();
  const child = spawn(command[0], command.slice(1), {
    stdio: ["ignore", output, output],
    env: { ...process.env, TEST_COUNTS_FILE: countsFile, ...env },
  });
  const [status, signal] = (await once(child, "close")) as [number, NodeJS.Signals | null];
  const seconds = (performance.now() - startedAtMs) / 1000;
  return { end: signal ?? status, seconds, counts: readCounts(countsFile) };
}

function runScript(script: string, output: Output): Promise<Run> {
  return run(script, ["npm", "run", "--silent", script], output);
}

/** Its output is shown when it is asked for. */
function runQuietly(script: string): { ended: Promise<Run>; output: () => string } {
  const file = join(directory, `${script.replaceAll(":", "-")}.log`);
  const descriptor = openSync(file, "w");
  return {
    ended: runScript(script, descriptor).finally(() => closeSync(descriptor)),
    output: () => readFileSync(file, "utf8"),
  };
}

async function outcomeOfStep(script: string, first: Run, coverage?: string): Promise<Outcome> {
  const outcome = await outcomeOf(first, (file) => {
    console.log(heading(`${script}, once more by itself: ${file}`));
    return run(script, ["mocha", file], "inherit", coverage === undefined ? {} : { NODE_V8_COVERAGE: coverage });
  });
  if (coverage === undefined || outcome.flaky.length === 0 || outcome.failed > 0) return outcome;
  // the exit code of the first run does not tell a failed test from too little coverage
  const { end } = await run(script, ["c8", "check-coverage"], "inherit");
  return end === 0 ? outcome : { ...outcome, failed: 1, result: "FAILED (coverage)" };
}

const outcomes = new Map<string, Outcome>();
try {
  for (const { script, needs, beside, coverage } of STEPS) {
    if (needs && outcomes.get(needs)?.result !== "ok") {
      for (const each of beside === undefined ? [script] : [script, beside]) outcomes.set(each, notRun(needs));
      continue;
    }
    console.log(heading(script));
    const quiet = beside === undefined ? undefined : runQuietly(beside);
    const first = await runScript(script, "inherit");
    const besideFirst = await quiet?.ended;
    if (beside !== undefined) console.log(`${heading(beside)}\n${quiet?.output()}`);
    outcomes.set(script, await outcomeOfStep(script, first, coverage));
    if (beside !== undefined && besideFirst) outcomes.set(beside, await outcomeOfStep(beside, besideFirst));
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}

const { lines, hasFailed } = summaryOf(outcomes);
console.log(lines.join("\n"));
process.exitCode = hasFailed ? 1 : 0;
