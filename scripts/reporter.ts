/**
 * Mocha's spec reporter, which also leaves the counts of each test file, and what failed in it, in the file named by
 * TEST_COUNTS_FILE: `scripts/test.ts` adds the runs up from there instead of reading them out of text meant for people.
 *
 * A test file that does not load is a failed test of that file. By itself mocha would end there, without any test run.
 */
import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import Mocha from "mocha";

export interface FileCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** For each failed test or hook: where it stands, and how it failed. */
  readonly failures: readonly string[];
}

/** By the test file's path in the repository; "" has the hooks that belong to no file. */
export type TestCounts = Readonly<Record<string, FileCounts>>;

export const NO_TESTS: FileCounts = { passed: 0, failed: 0, skipped: 0, failures: [] };

const { EVENT_TEST_PASS, EVENT_TEST_PENDING, EVENT_TEST_FAIL, EVENT_RUN_END } = Mocha.Runner.constants;

function fileOf({ file }: Mocha.Runnable): string {
  return file ? relative("", file) : "";
}

function account(test: Mocha.Runnable, error: Error): string {
  return `${[fileOf(test), ...test.titlePath()].join(" › ")}\n${error.stack ?? String(error)}`;
}

const loadFiles = Mocha.prototype.loadFilesAsync;
Mocha.prototype.loadFilesAsync = async function () {
  const { files } = this;
  for (const file of files) {
    this.files = [file];
    await loadFiles.call(this).catch((error: Error) => {
      const test = new Mocha.Test("loads", () => {
        throw error;
      });
      test.file = file;
      this.suite.addTest(test);
    });
  }
  this.files = files;
};

export default class CountingSpec extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const file = process.env.TEST_COUNTS_FILE;
    if (!file) return;
    const counts: Record<string, FileCounts> = {};
    const add = (test: Mocha.Runnable, change: (counts: FileCounts) => Partial<FileCounts>) => {
      const known = counts[fileOf(test)] ?? NO_TESTS;
      counts[fileOf(test)] = { ...known, ...change(known) };
    };
    runner.on(EVENT_TEST_PASS, (test) => add(test, ({ passed }) => ({ passed: passed + 1 })));
    runner.on(EVENT_TEST_PENDING, (test) => add(test, ({ skipped }) => ({ skipped: skipped + 1 })));
    runner.on(EVENT_TEST_FAIL, (test, error: Error) =>
      add(test, ({ failed, failures }) => ({ failed: failed + 1, failures: [...failures, account(test, error)] })),
    );
    runner.once(EVENT_RUN_END, () => writeFileSync(file, JSON.stringify(counts)));
  }
}
