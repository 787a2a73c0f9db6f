/** The generated files as text: the data under a comment that says what it is and where it goes. */
import { prometheusRule, serviceMonitor } from "./operator.ts";
import type { GenerateOptions } from "./options.ts";
import { alertingRules } from "./prometheus/alerts.ts";
import { recordingRules } from "./prometheus/rules.ts";
import { type Discovery, scrapeConfigs } from "./prometheus/scrape-config.ts";
import { yamlFile } from "./yaml.ts";

function made(command: string, options: GenerateOptions): string {
  const { availabilityPercent, latencySeconds, latencyPercent } = options.objectives;
  return [
    `Made by: npx otel-red generate ${command}, for ${services(options)}`,
    `Objectives: ${availabilityPercent} % of the requests do not fail; ${latencyPercent} % of the successful answers take ${latencySeconds} s at most`,
  ].join("\n");
}

function services({ service, except }: GenerateOptions): string {
  if (service !== undefined) return JSON.stringify(service);
  const others = except.map((name) => JSON.stringify(name)).join(", ");
  return others === "" ? "every service" : `every service but ${others}`;
}

export function rulesFile(options: GenerateOptions): string {
  return yamlFile(
    `RED by service and by path, recorded. One of the rule_files of Prometheus; alerts.yml needs it.\n${made("rules", options)}`,
    recordingRules(options),
  );
}

export function alertsFile(options: GenerateOptions): string {
  return yamlFile(
    `What is worth a page (critical) or a look in the morning (warning). One of the rule_files, beside rules.yml.\n${made("alerts", options)}`,
    alertingRules(options),
  );
}

export function scrapeConfigFile(options: GenerateOptions, discoveries: readonly Discovery[]): string {
  return yamlFile("Goes into prometheus.yml. Keep the job that suits you, and put in your targets.", {
    scrape_configs: scrapeConfigs(options, discoveries),
  });
}

/** All of prometheus.yml, for who has none yet; the rule files lie beside it. */
export function prometheusFile(options: GenerateOptions, discoveries: readonly Discovery[]): string {
  return yamlFile(
    "Prometheus for otel-red: scrapes the services, records their RED, evaluates the alerts. Put in your targets.",
    {
      global: { scrape_interval: "15s", evaluation_interval: "15s" },
      rule_files: ["rules.yml", "alerts.yml"],
      alerting: { alertmanagers: [{ static_configs: [{ targets: ["localhost:9093"] }] }] },
      scrape_configs: scrapeConfigs(options, discoveries),
    },
  );
}

export function serviceMonitorFile(options: GenerateOptions): string {
  return yamlFile(
    [
      "Scrapes Kubernetes Services that have these labels and a port of this name. Instead of a PodMonitor, not beside it: every",
      "request would count twice. The operator's own label `service` goes, because it would rename ours. honorLabels alone is not",
      "enough: OpenShift overrides it.",
    ].join("\n"),
    serviceMonitor(options),
  );
}

/** The rules and the alerts as the Prometheus operator takes them. */
export function prometheusRuleFile(options: GenerateOptions): string {
  return yamlFile(
    `rules.yml and alerts.yml for the Prometheus operator. What to do when one fires: its runbook_url.\n${made("prometheusrule", options)}`,
    prometheusRule(options),
  );
}
