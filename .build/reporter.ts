/**
 * Mocha's spec reporter, which also leaves the counts of the run in the file named by TEST_COUNTS_FILE:
 * `.build/test.ts` adds the runs up from there instead of reading them out of text meant for people.
 */
import { writeFileSync } from "node:fs";
import Mocha from "mocha";

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export default class CountingSpec extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const file = process.env.TEST_COUNTS_FILE;
    if (!file) return;
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      const counts: TestCounts = {
        passed: passes,
        failed: failures,
        skipped: pending,
      };
      writeFileSync(file, JSON.stringify(counts));
    });
  }
}
