/**
 * A ServiceMonitor of the Prometheus operator.
 * https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.ServiceMonitor
 */
import { kubernetesName, METRICS_PORT_NAME, selectorLabels } from "./kubernetes.ts";
import type { GenerateOptions } from "./options.ts";

export function serviceMonitor({ service }: GenerateOptions) {
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "ServiceMonitor",
    metadata: { name: service === undefined ? "otel-red" : kubernetesName(service) },
    spec: {
      selector: { matchLabels: selectorLabels(service) },
      // the operator's labels `service` and `endpoint` would rename ours to exported_service and exported_endpoint
      endpoints: [{ port: METRICS_PORT_NAME, honorLabels: true }],
    },
  };
}
