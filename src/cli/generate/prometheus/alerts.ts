/** The alerting rules. What each means and what to do is in otel-config/prometheus/runbook.md, under its name. */
import type { GenerateOptions } from "../options.ts";
import { type Alert, alertingRule } from "./alert.ts";
import { burnRates } from "./burn-rate.ts";
import { LONG_INTERVAL } from "./records.ts";
import type { AlertingRule, RuleFile } from "./rule-file.ts";
import { errors, inFlight, labelBudget, latency, targets, traffic, workers } from "./symptoms.ts";

interface Group {
  readonly name: string;
  readonly interval?: string;
  readonly of: readonly ((options: GenerateOptions) => Alert[])[];
}

const GROUPS: readonly Group[] = [
  { name: "otel-red-symptoms", of: [targets, traffic, errors, latency, inFlight, labelBudget, workers] },
  { name: "otel-red-objectives", of: [(options) => burnRates(options, "critical")] },
  { name: "otel-red-objectives-long", interval: LONG_INTERVAL, of: [(options) => burnRates(options, "warning")] },
];

/** They need the series of `recordingRules` for the same options. */
export function alertingRules(options: GenerateOptions): RuleFile<AlertingRule> {
  return {
    groups: GROUPS.map(({ of, ...group }) => ({
      ...group,
      rules: of.flatMap((alerts) => alerts(options)).map(alertingRule),
    })),
  };
}
