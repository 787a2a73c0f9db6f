/**
 * The scrape configuration, for targets that are listed, written to a file by somebody else, or found in Kubernetes.
 * https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config
 */
import { PROMETHEUS_PORT } from "../../../config/otel-variables.ts";
import { METRICS_PORT_NAME, selectorLabels } from "../kubernetes.ts";
import type { GenerateOptions } from "../options.ts";

export const DISCOVERIES = ["static", "file", "kubernetes"] as const;
export type Discovery = (typeof DISCOVERIES)[number];

/** Each job's begins with it; the alert on targets that were never up looks for that. */
export const JOB_NAME = "otel-red";

export function scrapeConfigs(options: GenerateOptions, discoveries: readonly Discovery[]) {
  return discoveries.map((discovery) => ({
    job_name: discovery === "static" ? JOB_NAME : `${JOB_NAME}-${discovery}`,
    // our labels stay what they are where the target has one of the same name, such as `service` or `endpoint`
    honor_labels: true,
    ...DISCOVERED[discovery](options),
  }));
}

const DISCOVERED: Readonly<Record<Discovery, (options: GenerateOptions) => object>> = {
  static: () => ({ static_configs: [{ targets: [`localhost:${PROMETHEUS_PORT.fallback}`] }] }),
  file: () => ({ file_sd_configs: [{ files: ["targets/*.json", "targets/*.yml"] }] }),
  kubernetes: ({ service }) => ({
    kubernetes_sd_configs: [
      {
        role: "pod",
        selectors: Object.entries(selectorLabels(service)).map(([label, value]) => ({
          role: "pod",
          label: `${label}=${value}`,
        })),
      },
    ],
    relabel_configs: [
      {
        source_labels: ["__meta_kubernetes_pod_container_port_name"],
        regex: METRICS_PORT_NAME,
        action: "keep",
      },
      // what has ended is listed for a while
      { source_labels: ["__meta_kubernetes_pod_phase"], regex: "Pending|Succeeded|Failed|Completed", action: "drop" },
      { source_labels: ["__meta_kubernetes_namespace"], target_label: "namespace" },
      { source_labels: ["__meta_kubernetes_pod_name"], target_label: "pod" },
    ],
  }),
};
