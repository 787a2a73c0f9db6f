/** What our objects are called in Kubernetes, and by which labels they are found. */
import { quoted } from "../../config/variable.ts";
import { UsageError } from "../usage-error.ts";

/** Name of the port that serves the metrics, of the container and of the Service alike. */
export const METRICS_PORT_NAME = "metrics";

/** Carried by all that is to be scraped, where no application is named. */
const ANY_APPLICATION = "otel-red/metrics";

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/ */
const APPLICATION = "app.kubernetes.io/name";

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names */
const LONGEST_NAME = 63;

/** @throws UsageError where a service is given that can have no name in Kubernetes */
export function selectorLabels(service: string | undefined): Record<string, string> {
  return service === undefined ? { [ANY_APPLICATION]: "true" } : { [APPLICATION]: kubernetesName(service) };
}

/**
 * The name that a service most likely has there: `@acme/Shop` is `acme-shop`.
 *
 * @throws UsageError where nothing of it can be a name
 */
export function kubernetesName(service: string): string {
  const name = service
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, LONGEST_NAME)
    .replace(/-+$/, "");
  if (name !== "") return name;
  throw new UsageError(
    `--service=${quoted(service)} can be the name of nothing in Kubernetes: expected a letter from a to z or a digit in it; leave --service out, and narrow the selector by hand`,
  );
}
