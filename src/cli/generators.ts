/** The subcommands of `otel-red generate`, one row each: what it is called, what it takes, what it prints. */
import { type ArgumentName, type Given, readDiscoveries, readLatency, readOptions } from "./arguments.ts";
import { bucketsAround } from "./generate/buckets.ts";
import { renderDashboard } from "./generate/dashboard/index.ts";
import { alertsFile, prometheusRuleFile, rulesFile, scrapeConfigFile, serviceMonitorFile } from "./generate/files.ts";

export interface Generator {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  readonly takes: readonly ArgumentName[];
  /** @throws UsageError */
  readonly render: (given: Given) => string;
}

const OBJECTIVES = ["availability", "latency", "latencyTarget"] as const;

export const GENERATORS: readonly Generator[] = [
  {
    name: "rules",
    summary:
      "recording rules of Prometheus: rate, error ratio and latency by service and by path; the alerts need them",
    takes: ["service", "except", "pathLabel", "buckets", ...OBJECTIVES],
    render: (given) => rulesFile(readOptions(given)),
  },
  {
    name: "alerts",
    summary:
      "alerting rules of Prometheus: symptoms, and budgets of the objectives; to be made with the options of the rules",
    takes: ["service", "except", "pathLabel", "buckets", ...OBJECTIVES],
    render: (given) => alertsFile(readOptions(given)),
  },
  {
    name: "dashboard",
    summary: "a dashboard of Grafana, as the JSON that it imports",
    takes: ["service", "pathLabel", "buckets", ...OBJECTIVES],
    render: (given) => renderDashboard(readOptions(given)),
  },
  {
    name: "scrape-config",
    summary: "the part of prometheus.yml that scrapes the services",
    takes: ["service", "discovery"],
    render: (given) => scrapeConfigFile(readOptions(given), readDiscoveries(given)),
  },
  {
    name: "servicemonitor",
    summary: "a ServiceMonitor for the Prometheus operator of Kubernetes",
    takes: ["service"],
    render: (given) => serviceMonitorFile(readOptions(given)),
  },
  {
    name: "prometheusrule",
    summary: "the rules and the alerts as a PrometheusRule for the Prometheus operator of Kubernetes",
    takes: ["service", "except", "pathLabel", "buckets", ...OBJECTIVES],
    render: (given) => prometheusRuleFile(readOptions(given)),
  },
  {
    name: "buckets",
    summary: "bounds of the duration buckets around a latency objective, for RED_DURATION_BUCKETS",
    takes: ["latency"],
    render: (given) => `RED_DURATION_BUCKETS=${bucketsAround(readLatency(given)).join(",")}\n`,
  },
];
