/** Scenarios of the alerts: what is scraped, and which alerts are firing at a given minute, in one promtool run. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { alertsFile, rulesFile } from "../../../src/cli/generate/files.ts";
import type { GenerateOptions } from "../../../src/cli/generate/options.ts";
import type { AlertingRule, RecordingRule, RuleFile } from "../../../src/cli/generate/prometheus/rule-file.ts";
import { type Expectation, type InputSeries, type RuleTest, testRules } from "./promtool.ts";

export interface Scenario {
  readonly name: string;
  readonly series: readonly InputSeries[];
  /** From one value of the series to the next, and from one evaluation to the next. */
  readonly everyMinutes: number;
  /** What the rules are made with. */
  readonly options: GenerateOptions;
  /** And others, in files of their own, that the same Prometheus has loaded. Default: none. */
  readonly beside?: readonly GenerateOptions[];
  readonly expectations: readonly Expectation[];
}

/** Exactly these alerts are firing: `RedTargetDown warning shop`, the service being absent where it is not known. */
export function firing(minute: number, alerts: readonly string[]): Expectation {
  return {
    // a number apart from how many of an alert there are, and whatever other labels they have
    expr: 'group by (alertname, severity, service) (ALERTS{alertstate="firing"})',
    eval_time: `${minute}m`,
    exp_samples: alerts.map((alert) => {
      const [alertname, severity, service] = alert.split(" ");
      const labels = { alertname, severity, ...(service && { service }) };
      const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
      return { labels: `{${pairs.join(", ")}}`, value: 1 };
    }),
  };
}

/** @returns by the name of the scenario: undefined where all is as expected, else what promtool says */
export function runScenarios(scenarios: readonly Scenario[]): Map<string, string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "otel-red-rules-"));
  try {
    const nameByFile = new Map(scenarios.map((scenario, index) => [write(scenario, index, folder), scenario.name]));
    const verdicts = testRules([...nameByFile.keys()]);
    return new Map([...nameByFile].map(([file, name]) => [name, verdicts.get(file)]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function write(
  { series, everyMinutes, options, beside = [], expectations }: Scenario,
  index: number,
  folder: string,
): string {
  const file = (suffix: string, content: string) => {
    const path = join(folder, `${index}.${suffix}`);
    writeFileSync(path, content);
    return path;
  };
  const contents = [options, ...beside].flatMap((each) => [rulesFile(each), alertsFile(each)]);
  const groups = readOnly(
    contents.map((content) => (parse(content) as RuleFile<RecordingRule | AlertingRule>).groups),
    expectations.map(({ expr }) => expr),
  );
  const test: RuleTest = {
    rule_files: groups.map((each, number) => file(`${number}.rules.yml`, JSON.stringify({ groups: each }))),
    // without it promtool takes them in any order, another one each time: some would see what others recorded a minute ago
    group_eval_order: [...new Set(groups.flatMap((each) => each.map(({ name }) => name)))],
    evaluation_interval: `${everyMinutes}m`,
    tests: [{ interval: `${everyMinutes}m`, input_series: series, promql_expr_test: expectations }],
  };
  return file("test.yml", JSON.stringify(test)); // JSON is YAML
}

type Groups = RuleFile<RecordingRule | AlertingRule>["groups"];

/** Without the records that no alert and no query reads, which are most of them: promtool is as much faster. */
function readOnly(files: readonly Groups[], queries: readonly string[]): Groups[] {
  const rules = files.flat().flatMap((group) => [...group.rules]);
  const texts = [...queries, ...rules.filter((rule) => "alert" in rule).map(({ expr }) => expr)];
  const read = new Set<string>();
  for (const text of texts) // grows
    for (const [name] of text.matchAll(/\b\w+:\w+:\w+/g)) {
      if (read.has(name)) continue;
      read.add(name);
      texts.push(...rules.filter((rule) => "record" in rule && rule.record === name).map(({ expr }) => expr));
    }
  return files.map((groups) =>
    groups.map((group) => ({
      ...group,
      rules: group.rules.filter((rule) => "alert" in rule || read.has(rule.record)),
    })),
  );
}
