/** The command line in this process: what it prints, and its exit code. */
import { run } from "../../../src/cli/program.ts";
import type { Outcome } from "../run.ts";

export function otelRed(...args: readonly string[]): Outcome {
  let stdout = "";
  let stderr = "";
  const exit = run(args, {
    out: (text) => {
      stdout += text;
    },
    error: (text) => {
      stderr += text;
    },
  });
  return { exit, stdout, stderr };
}
