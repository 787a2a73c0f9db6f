/**
 * What the environment tells of the pod or container that the process runs in. The id of the service's instance is made
 * of it (see exporter/resource/instance.ts).
 */
import type { Environment } from "./variable.ts";

/** Each field is empty where the environment does not tell it. */
export interface Platform {
  /** Unique among all clusters; the same for the whole life of the pod. */
  readonly podUid: string;
  /** Unique in its namespace. Kubernetes sets it as `HOSTNAME`. */
  readonly podName: string;
  readonly podNamespace: string;
  readonly containerName: string;
  /** Unique by itself: a container's id, or an address that holds it. */
  readonly container: string;
  /** Number of the process among those that PM2 has started for one application. Not unique by itself. */
  readonly processNumber: string;
}

/** The names by which the documentation of Kubernetes and of OpenTelemetry gives these values to a container. */
const POD_UID = ["POD_UID", "K8S_POD_UID", "OTEL_RESOURCE_ATTRIBUTES_POD_UID"];
const POD_NAME = ["POD_NAME", "K8S_POD_NAME", "KUBERNETES_POD_NAME", "OTEL_RESOURCE_ATTRIBUTES_POD_NAME"];
const POD_NAMESPACE = ["POD_NAMESPACE", "K8S_POD_NAMESPACE", "K8S_NAMESPACE", "KUBERNETES_NAMESPACE"];
const CONTAINER_NAME = ["CONTAINER_NAME", "K8S_CONTAINER_NAME"];
/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4.html */
const CONTAINER = ["ECS_CONTAINER_METADATA_URI_V4"];
/** https://pm2.keymetrics.io/docs/usage/environment/#node_app_instance-pm2-25-minimum */
const PROCESS_NUMBER = ["NODE_APP_INSTANCE"];

/** All that is read here. */
export const PLATFORM_VARIABLES: readonly string[] = [
  ...POD_UID,
  ...POD_NAME,
  ...POD_NAMESPACE,
  ...CONTAINER_NAME,
  ...CONTAINER,
  ...PROCESS_NUMBER,
  "HOSTNAME",
  "KUBERNETES_SERVICE_HOST",
];

/** Docker and Podman name the host of a container after the start of its id. */
const CONTAINER_HOSTNAME = /^[0-9a-f]{12}$/;

/** @param attributes of `OTEL_RESOURCE_ATTRIBUTES`, which the OpenTelemetry operator for Kubernetes fills in */
export function readPlatform(environment: Environment, attributes: ReadonlyMap<string, string>): Platform {
  const find = (attribute: string, variables: readonly string[]) =>
    [attributes.get(attribute), ...variables.map((name) => environment[name])]
      .map((value) => value?.trim())
      .find(Boolean) ?? "";
  const podUid = find("k8s.pod.uid", POD_UID);
  const podName = find("k8s.pod.name", POD_NAME);
  const host = environment.HOSTNAME?.trim() ?? "";
  const isPod = podUid !== "" || podName !== "" || Boolean(environment.KUBERNETES_SERVICE_HOST);
  return {
    podUid,
    podName: isPod ? podName || host : "",
    podNamespace: find("k8s.namespace.name", POD_NAMESPACE),
    containerName: find("k8s.container.name", CONTAINER_NAME),
    container: find("container.id", CONTAINER) || (!isPod && CONTAINER_HOSTNAME.test(host) ? host : ""),
    processNumber: find("", PROCESS_NUMBER),
  };
}
