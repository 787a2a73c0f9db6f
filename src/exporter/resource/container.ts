/**
 * The pod or container that this process runs in: by the environment, and by the mounts that Kubernetes, Docker and Podman
 * make in each container.
 */
import { readFileSync } from "node:fs";
import type { Platform } from "../../config/platform.ts";

/** What the system tells of the container of a process; empty where it tells nothing. */
export interface Mounted {
  readonly podUid: string;
  readonly containerName: string;
  readonly containerId: string;
}

/** The kubelet mounts `…/pods/<uid>/etc-hosts` and `…/pods/<uid>/containers/<name>/<hash>`, the termination log. */
const POD = /\/pods\/([0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32})\/(?:etc-hosts|containers\/([^/\s]+)\/[0-9a-f]+) /g;
/** Docker and Podman mount these three from the container's own folder; a sandbox is that of a whole pod. */
const HOST_FILE = /^\d+ \d+ \S+ (?!\S*\/sandboxes\/)\S*\/([0-9a-f]{64})\/\S* \/etc\/(?:hostname|hosts|resolv\.conf) /m;
/** Version 1 of control groups names the container: `/docker/<id>`, `cri-containerd-<id>.scope`. */
const CONTROL_GROUP = /[/-]([0-9a-f]{64})(?:\.scope)?$/m;

/**
 * @param mountInfo https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
 * @param controlGroups https://man7.org/linux/man-pages/man7/cgroups.7.html, `/proc/pid/cgroup`
 */
export function mountedContainer(mountInfo: string, controlGroups: string): Mounted {
  const pods = [...mountInfo.matchAll(POD)];
  return {
    podUid: pods[0]?.[1] ?? "",
    containerName: pods.find(([, , name]) => name !== undefined)?.[2] ?? "",
    containerId: HOST_FILE.exec(mountInfo)?.[1] ?? CONTROL_GROUP.exec(controlGroups)?.[1] ?? "",
  };
}

/** In each pod that may ask its cluster something. The certificate is another one in each cluster. */
const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * Texts that together are another one for each container there is, and the same when that container starts again, or a
 * container of the same name in the same pod.
 *
 * @returns undefined where nothing tells containers apart
 */
export function containerIdentity(
  platform: Platform,
  { podUid, containerName, containerId }: Mounted = mountedContainer(read("mountinfo"), read("cgroup")),
): readonly string[] | undefined {
  const pod = platform.podUid || podUid;
  const name = platform.containerName || containerName;
  if (pod !== "") return ["pod", pod, name || containerId];
  if (platform.podName !== "") {
    const namespace = platform.podNamespace || readText(`${SERVICE_ACCOUNT}/namespace`);
    return ["pod", platform.podName, namespace, readText(`${SERVICE_ACCOUNT}/ca.crt`), name || containerId];
  }
  const container = containerId || platform.container;
  return container === "" ? undefined : ["container", container];
}

const read = (file: string) => readText(`/proc/self/${file}`);

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}
