/** Whether a process can find others of its service: by the port of the endpoint, where the system has Unix sockets. */
import type { RedConfig } from "../config/red-config.ts";

export function mayHaveOthers({ processes, prometheusPort }: Pick<RedConfig, "processes" | "prometheusPort">): boolean {
  return processes === "merge" && prometheusPort !== 0 && process.platform !== "win32";
}
