/** Mocha with the project's reporter, as a process, on a test file of test/apps/mocha. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestCounts } from "../../scripts/reporter.ts";
import type { Run } from "../../scripts/test-outcome.ts";
import { REPOSITORY } from "./app.ts";
import { run } from "./run.ts";

const FOLDER = "test/apps/mocha";

/** @param files `flaky.ts` */
export async function runMocha(files: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), "otel-red-mocha-"));
  const counts = join(folder, "counts.json");
  try {
    const mocha = join(REPOSITORY, "node_modules/mocha/bin/mocha.js");
    const { exit } = await run({
      args: [mocha, ...files.map((file) => join(FOLDER, file))],
      env: { ...env, TEST_COUNTS_FILE: counts },
    });
    return { end: exit, seconds: 0, counts: JSON.parse(readFileSync(counts, "utf8")) as TestCounts };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As the counts call it. */
export function nameOf(file: string): string {
  return join(FOLDER, file);
}
