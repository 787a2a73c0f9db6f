/**
 * Who fits into a group: the same service, measured alike, in the same version of the protocol.
 */

import type { RedConfig } from "../config/red-config.ts";
import { reasonOf } from "../log/log.ts";
import { type Hello, PROTOCOL, type Refused, type Shape } from "./protocol.ts";

/** The service's name where nobody has given it one. Two of these need not be the same service. */
const NAMELESS = /^unknown_service/;

export function shapeOf({
  serviceName,
  pathLabel,
  durationBuckets,
}: Pick<RedConfig, "serviceName" | "pathLabel" | "durationBuckets">): Shape {
  const folder = NAMELESS.test(serviceName) ? process.cwd() : "";
  return { service: serviceName, folder, pathLabel, durationBuckets };
}

export function fits(shape: Shape, hello: Hello): boolean {
  return hello.protocol === PROTOCOL && JSON.stringify(shape) === JSON.stringify(hello.shape);
}

/** What does not fit, and what to do about it. For the log, behind the names of host and port. */
export function whyRefused(ours: Shape, { protocol, shape: theirs, pid }: Refused): string {
  const serves = `the port is taken by the service ${theirs.service} (process ${pid})`;
  if (ours.service !== theirs.service || ours.folder !== theirs.folder)
    return `${serves}, and this one is ${named(ours)}; set OTEL_EXPORTER_PROMETHEUS_PORT to another port for one of them`;
  if (protocol !== PROTOCOL)
    return `${serves}, whose otel-red speaks version ${protocol} and this one version ${PROTOCOL}; restart the older of both`;
  const variable = ours.pathLabel === theirs.pathLabel ? "RED_DURATION_BUCKETS" : "RED_PATH_LABEL";
  return `${serves} with another ${variable} than this process of ${ours.service}; set it alike for all processes of the service`;
}

/** The folder where the members of a group meet cannot be used. For the log, behind the names of host and port. */
export function whyUnreachable(error: unknown): string {
  return (
    "the port is taken, and whether by this service cannot be told: " +
    `${reasonOf(error)}; remove the folder, or set OTEL_EXPORTER_PROMETHEUS_PORT to a free port`
  );
}

function named({ service, folder }: Shape): string {
  return folder === "" ? service : `${service} in ${folder}; give both an OTEL_SERVICE_NAME`;
}
