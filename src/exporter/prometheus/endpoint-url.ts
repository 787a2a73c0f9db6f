/** Where an endpoint is. */
export const METRICS_PATH = "/metrics";

/** @param host without brackets */
export function endpointUrl(host: string, port: number): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}${METRICS_PATH}`;
}
