/** What the alerts have in common: their names and the page that explains them, and conditions that most of them use. */
import { LABEL_SERVICE } from "../../../view/red.ts";
import type { Window } from "./records.ts";
import type { AlertingRule, Severity } from "./rule-file.ts";

/** From the published package, so that the page is there for whoever could install it, and in the package's own folder. */
const RUNBOOK = "https://unpkg.com/otel-red/otel-config/prometheus/runbook.md";

/** In templates of annotations. */
export const SERVICE_NAME = `{{ $labels.${LABEL_SERVICE} }}`;

/** No share is judged from fewer failures: one error at night is one of two requests, and nobody has to get up for it. */
const FEWEST_FAILURES = 10;

export interface Alert {
  readonly alert: string;
  readonly severity: Severity;
  readonly expr: string;
  readonly for?: string;
  readonly summary: string;
  readonly description: string;
}

export function alertingRule({ severity, summary, description, ...rule }: Alert): AlertingRule {
  return {
    ...rule,
    labels: { severity },
    annotations: { summary, description, runbook_url: `${RUNBOOK}#${rule.alert.toLowerCase()}` },
  };
}

/** Enough of what is counted happened in the window, for a share of it to mean something. */
export function enough(labels: string, counted: string, window: Window): string {
  return `sum by (${labels}) (increase(${counted}[${window}])) >= ${FEWEST_FAILURES}`;
}

/** A number for PromQL and for people, without the noise of binary fractions. */
export function rounded(value: number): string {
  return String(Number(value.toPrecision(10)));
}

/** Budget of an objective: the share that may go wrong, above 0 and at most a half. */
function budget(objectivePercent: number): number {
  return (100 - objectivePercent) / 100;
}

/** A generous objective times a factor can come to more than all requests: what fails in full has to be seen in any case. */
const MOST = 0.9;

export function share(factor: number, objectivePercent: number): number {
  return Math.min(factor * budget(objectivePercent), MOST);
}
