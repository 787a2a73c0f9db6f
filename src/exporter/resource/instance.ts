/**
 * The id of this instance of the service. In a pod or container it is the same after a restart, so that a restart is no new
 * set of series. Elsewhere it is random.
 *
 * The processes and threads of one container take numbers: each has the lowest that is free. The system holds them. A name
 * in Linux's abstract socket namespace belongs to the first that listens on it, and is free when that process ends, however
 * it ends. Nobody connects to it. https://man7.org/linux/man-pages/man7/unix.7.html
 */
import { ATTR_SERVICE_INSTANCE_ID, ATTR_SERVICE_NAMESPACE } from "@opentelemetry/semantic-conventions";
import type { RedConfig } from "../../config/red-config.ts";
import { unseenBuiltin } from "../../node/unseen-builtin.ts";
import { namedUuid, randomUuid } from "../../node/uuid.ts";
import { containerIdentity } from "./container.ts";

/** https://opentelemetry.io/docs/specs/semconv/registry/attributes/service/#service-instance-id */
const NAMESPACE = "4d63009a-8d0f-11ee-aad7-4c796ed8e320";

/** Of one service in one container. */
const MOST_PROCESSES = 256;

export interface Instance {
  readonly id: string;
  /** Another process may have the id from now on. */
  release(): void;
}

type Identified = Pick<RedConfig, "platform" | "serviceName" | "resourceAttributes" | "resourceDetectors">;

/** `service.instance.id` of `OTEL_RESOURCE_ATTRIBUTES` wins. @param identity default: that of the container, if any */
export function claimInstance(config: Identified, identity = containerIdentity(config.platform)): Instance {
  const { serviceName, resourceAttributes, resourceDetectors, platform } = config;
  const given = resourceDetectors.includes("env") ? resourceAttributes[ATTR_SERVICE_INSTANCE_ID] : undefined;
  if (given !== undefined) return { id: given, release() {} };
  if (identity !== undefined && process.platform === "linux") {
    const service = [resourceAttributes[ATTR_SERVICE_NAMESPACE] ?? "", serviceName];
    try {
      for (let number = 1; number <= MOST_PROCESSES; number++) {
        const id = namedUuid(NAMESPACE, JSON.stringify([...identity, ...service, platform.processNumber, number]));
        const release = claim(id);
        if (release !== undefined) return { id, release };
      }
    } catch {
      // what is forbidden here, to listen or SHA-1, is needed only for a lasting id
    }
  }
  return { id: randomUuid(), release() {} };
}

/** @returns undefined where another process or thread has it, or where the system does not let us */
function claim(id: string): (() => void) | undefined {
  const server = unseenBuiltin("net").createServer((socket) => socket.destroy());
  server.on("error", () => {});
  // known at once; in a worker of a cluster the primary would have it, if it was not exclusive
  server.listen({ path: `\0otel-red/${id}`, exclusive: true });
  if (!server.listening) return undefined;
  server.unref();
  return () => void server.close();
}
