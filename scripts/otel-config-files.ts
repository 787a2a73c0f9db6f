/** The files of `otel-config/` that are made from our sources: content by path, relative to the repository. */
import { renderDashboard } from "../src/cli/generate/dashboard/index.ts";
import {
  alertsFile,
  prometheusFile,
  prometheusRuleFile,
  rulesFile,
  serviceMonitorFile,
} from "../src/cli/generate/files.ts";
import { DEFAULT_OPTIONS } from "../src/cli/generate/options.ts";

export const OTEL_CONFIG_FILES: Readonly<Record<string, () => string>> = {
  "otel-config/prometheus/prometheus.yml": () => prometheusFile(DEFAULT_OPTIONS, ["static", "file"]),
  // on its own: outside of a cluster, Prometheus cannot ask Kubernetes and says so again and again
  "otel-config/prometheus/prometheus-kubernetes.yml": () => prometheusFile(DEFAULT_OPTIONS, ["kubernetes"]),
  "otel-config/prometheus/rules.yml": () => rulesFile(DEFAULT_OPTIONS),
  "otel-config/prometheus/alerts.yml": () => alertsFile(DEFAULT_OPTIONS),
  "otel-config/kubernetes/prometheusrule.yaml": () => prometheusRuleFile(DEFAULT_OPTIONS),
  "otel-config/kubernetes/servicemonitor.yaml": () => serviceMonitorFile(DEFAULT_OPTIONS),
  "otel-config/grafana/dashboards/otel-red.json": () => renderDashboard(DEFAULT_OPTIONS),
};
