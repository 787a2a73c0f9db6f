/**
 * Mocha's spec reporter, which also leaves the counts of the run, and what failed in it, in the file named by
 * TEST_COUNTS_FILE: `scripts/test.ts` adds the runs up from there instead of reading them out of text meant for people.
 */
import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import Mocha from "mocha";

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** For each failed test or hook: where it stands, and how it failed. */
  readonly failures: readonly string[];
}

function account(test: Mocha.Runnable, error: Error): string {
  const heading = [test.file ? relative("", test.file) : "", ...test.titlePath()].join(" › ");
  return `${heading}\n${error.stack ?? String(error)}`;
}

export default class CountingSpec extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const file = process.env.TEST_COUNTS_FILE;
    if (!file) return;
    const accounts: string[] = [];
    runner.on(Mocha.Runner.constants.EVENT_TEST_FAIL, (test, error: Error) => accounts.push(account(test, error)));
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      const counts: TestCounts = {
        passed: passes,
        failed: failures,
        skipped: pending,
        failures: accounts,
      };
      writeFileSync(file, JSON.stringify(counts));
    });
  }
}
