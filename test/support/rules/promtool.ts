/** Debian's promtool on rules and their tests; many files in one call, because it is slow to start. */
import { spawnSync } from "node:child_process";
import { PROMTOOL } from "../servers/prometheus.ts";
import { requireProgram } from "../servers/server-process.ts";

export interface Verdict {
  readonly ok: boolean;
  /** All that it said. */
  readonly said: string;
}

/** @throws Error with the command that installs it, where there is none: such a test fails, it is not skipped */
export function promtool(...args: readonly string[]): Verdict {
  // one stream: what failed is said on stderr, and of which file on stdout, just before
  const { status, stdout } = spawnSync("sh", ["-c", 'exec "$0" "$@" 2>&1', requireProgram(PROMTOOL), ...args], {
    encoding: "utf8",
    maxBuffer: 2 ** 27,
  });
  return { ok: status === 0, said: stdout.trim() };
}

/** One file of `promtool test rules`. https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/ */
export interface RuleTest {
  readonly rule_files: readonly string[];
  readonly group_eval_order?: readonly string[];
  readonly evaluation_interval: string;
  readonly tests: readonly {
    readonly interval: string;
    readonly input_series: readonly InputSeries[];
    readonly promql_expr_test: readonly Expectation[];
  }[];
}

export interface InputSeries {
  /** Name and labels, as in PromQL. */
  readonly series: string;
  /** One for each interval; `_` where there is none, `stale` where it ends. */
  readonly values: string;
}

export interface Expectation {
  readonly expr: string;
  readonly eval_time: string;
  readonly exp_samples: readonly { readonly labels: string; readonly value: number }[];
}

/**
 * What `promtool test rules` says of each file: undefined where all is as expected.
 *
 * @param files as many as you like, each a scenario of its own
 */
export function testRules(files: readonly string[]): Map<string, string | undefined> {
  const { said } = promtool("test", "rules", ...files);
  const verdicts = new Map(files.map((file) => [file, "promtool says nothing of it"] as [string, string | undefined]));
  // "Unit Testing:  <file>", then "  SUCCESS" or "  FAILED:" and why
  for (const [, file = "", verdict = ""] of said.matchAll(
    /^Unit Testing: +(.+)\n([\s\S]*?)(?=^Unit Testing:|(?![\s\S]))/gm,
  )) {
    verdicts.set(file, verdict.trim() === "SUCCESS" ? undefined : verdict.trim());
  }
  return verdicts;
}
