/** Objects of the Prometheus operator. https://prometheus-operator.dev/docs/api-reference/api/ */
import { LABEL_SERVICE } from "../../view/red.ts";
import { kubernetesName, METRICS_PORT_NAME, selectorLabels } from "./kubernetes.ts";
import type { GenerateOptions } from "./options.ts";
import { alertingRules } from "./prometheus/alerts.ts";
import { recordingRules } from "./prometheus/rules.ts";

const API_VERSION = "monitoring.coreos.com/v1";

/** The rate of five minutes wants more than the operator's own interval of a minute gives it. */
const SCRAPE_INTERVAL = "15s";

function metadata({ service }: GenerateOptions) {
  return { name: service === undefined ? "otel-red" : kubernetesName(service) };
}

export function serviceMonitor(options: GenerateOptions) {
  return {
    apiVersion: API_VERSION,
    kind: "ServiceMonitor",
    metadata: metadata(options),
    spec: {
      selector: { matchLabels: selectorLabels(options.service) },
      endpoints: [
        {
          port: METRICS_PORT_NAME,
          interval: SCRAPE_INTERVAL,
          honorLabels: true,
          // overrideHonorLabels, OpenShift's default, lets the operator's labels win: ours would become exported_service
          relabelings: [{ action: "labeldrop", regex: [LABEL_SERVICE, options.pathLabel].join("|") }],
        },
      ],
    },
  };
}

export function prometheusRule(options: GenerateOptions) {
  return {
    apiVersion: API_VERSION,
    kind: "PrometheusRule",
    metadata: metadata(options),
    spec: { groups: [...recordingRules(options).groups, ...alertingRules(options).groups] },
  };
}
