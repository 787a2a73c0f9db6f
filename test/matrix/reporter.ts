/** Mocha's reporter of the matrix: each test and what became of it, as JSON in the file named by MATRIX_RESULTS_FILE. */
import { writeFileSync } from "node:fs";
import Mocha from "mocha";

export interface TestResult {
  /** The titles of its suites, outermost first. */
  readonly suites: readonly string[];
  readonly title: string;
  /** What went wrong; absent where the test has passed. */
  readonly failure?: string;
}

const { EVENT_TEST_PASS, EVENT_TEST_FAIL, EVENT_RUN_END } = Mocha.Runner.constants;

export default class MatrixReporter extends Mocha.reporters.Base {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const results: TestResult[] = [];
    const add = (test: Mocha.Test, failure?: string) => {
      const suites = test.titlePath().slice(0, -1);
      results.push({ suites, title: test.title, ...(failure !== undefined && { failure }) });
    };
    runner.on(EVENT_TEST_PASS, (test) => add(test));
    runner.on(EVENT_TEST_FAIL, (test, error) => add(test, error.message)); // of a hook as well
    runner.once(EVENT_RUN_END, () => writeFileSync(process.env.MATRIX_RESULTS_FILE ?? "", JSON.stringify(results)));
  }
}
