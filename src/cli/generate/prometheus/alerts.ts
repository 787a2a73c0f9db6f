/** The alerting rules. What each means and what to do is in otel-config/prometheus/runbook.md, under its name. */
import type { GenerateOptions } from "../options.ts";
import { type Alert, alertingRule } from "./alert.ts";
import { burnRates } from "./burn-rate.ts";
import type { AlertingRule, RuleFile } from "./rule-file.ts";
import { errors, inFlight, labelBudget, latency, targets, traffic } from "./symptoms.ts";

const GROUPS: Readonly<Record<string, readonly ((options: GenerateOptions) => Alert[])[]>> = {
  "otel-red-symptoms": [targets, traffic, errors, latency, inFlight, labelBudget],
  "otel-red-objectives": [burnRates],
};

/** They need the series of `recordingRules` for the same options. */
export function alertingRules(options: GenerateOptions): RuleFile<AlertingRule> {
  return {
    groups: Object.entries(GROUPS).map(([name, alerts]) => ({
      name,
      rules: alerts.flatMap((of) => of(options)).map(alertingRule),
    })),
  };
}
