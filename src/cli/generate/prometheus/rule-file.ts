/** The rule files of Prometheus as data. https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/ */

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** `critical` wakes somebody, `warning` waits for the morning. */
export type Severity = "critical" | "warning";

export interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: Severity };
  readonly annotations: {
    /** One line. */
    readonly summary: string;
    readonly description: string;
    readonly runbook_url: string;
  };
}

interface RuleGroup<Rule extends RecordingRule | AlertingRule> {
  readonly name: string;
  /** Between two evaluations. Default: Prometheus's own, `evaluation_interval`. */
  readonly interval?: string;
  readonly rules: readonly Rule[];
}

export interface RuleFile<Rule extends RecordingRule | AlertingRule> {
  readonly groups: readonly RuleGroup<Rule>[];
}
