/**
 * The names of the recorded series, `level:metric:operation`, and the labels of each level.
 * https://prometheus.io/docs/practices/rules/#naming
 *
 * `cluster`, `namespace`, `job` and `instance` come from the scrape, and where there is no such label it costs nothing. They keep
 * the same service in staging and in production apart: one may not page for the other, nor water its ratio down.
 */
import { FAMILIES, LABEL_SERVICE } from "../../../view/red.ts";

/** One process. */
const ENVIRONMENT_LABELS = ["cluster", "namespace"];
const JOB_LABELS = [...ENVIRONMENT_LABELS, "job"];
const TARGET_LABELS = [...JOB_LABELS, "instance"];
export const INSTANCE_LABELS = [...TARGET_LABELS, LABEL_SERVICE];
const SERVICE_LABELS = [...JOB_LABELS, LABEL_SERVICE];

export const TARGET = TARGET_LABELS.join(", ");
export const INSTANCE = INSTANCE_LABELS.join(", ");
export const SERVICE = SERVICE_LABELS.join(", ");
/** A service of one environment, whichever jobs scrape it. */
export const SERVICE_OF_ANY_JOB = [...ENVIRONMENT_LABELS, LABEL_SERVICE].join(", ");

/** The Deployment, StatefulSet or DaemonSet that a pod belongs to; made of the pod's name. */
export const LABEL_WORKLOAD = "workload";
/** What the old and the new targets of a deployment have in common. Outside Kubernetes that is the job alone. */
const PLACE_LABELS = [...JOB_LABELS, "endpoint", LABEL_WORKLOAD];
export const PLACE = PLACE_LABELS.join(", ");
export const SERVICE_OF_PLACE = [...PLACE_LABELS, LABEL_SERVICE].join(", ");

/** What people look at, and what pages. */
export const SHORT_WINDOWS = ["5m", "30m", "1h"] as const;
/** For the objectives' alerts alone, and of the whole service: each costs a series for each of them, and a long look back. */
export const LONG_WINDOWS = ["2h", "6h", "1d", "3d"] as const;
export type Window = (typeof SHORT_WINDOWS | typeof LONG_WINDOWS)[number];

/**
 * Three days at every scrape are 17,000 samples of each instance. Of 60 instances that took Prometheus 0.4 s for one expression, and
 * there are six of them: of 600 it would be more than from one scrape to the next.
 */
export const LONG_INTERVAL = "2m";

export const QUANTILES = [0.5, 0.95, 0.99];

const REQUESTS = FAMILIES.requests.name.replace(/_total$/, "");
const DURATION = FAMILIES.duration.name;
const ACTIVE = FAMILIES.active.name;

/** Which service a process is, from its first scrape on; 1. */
export const RUNNING = "instance:otel_red_running:info";
/** The same of the targets that are down as well: 1 where a process answers, 0 where none does. */
export const UP = "instance:otel_red:up";
/** Which services run at a place; 1. */
export const PLACED = "place:otel_red_running:info";
/**
 * How long a target or a place is remembered that is not seen: Prometheus itself was away, or the old pods are gone and the new ones
 * have no address yet. Prometheus remembers the state of alerts as long (--rules.alert.for-outage-tolerance).
 */
export const REMEMBERED = "1h";

/** What is counted of a process since its start, in sums that are there, at 0, before the first request. */
export const COUNTED = {
  all: `instance:${REQUESTS}:sum`,
  failed: `instance:${REQUESTS}_failed:sum`,
  succeeded: `instance:${REQUESTS}_succeeded:sum`,
  slow: `instance:${REQUESTS}_slow:sum`,
};

export const BY_SERVICE = {
  rate: (window: Window) => `service:${REQUESTS}:rate${window}`,
  failedRatio: (window: Window) => `service:${REQUESTS}_failed:ratio_rate${window}`,
  slowRatio: (window: Window) => `service:${REQUESTS}_slow:ratio_rate${window}`,
  buckets: (window: Window) => `service:${DURATION}_bucket:rate${window}`,
  quantiles: (window: Window) => `service:${DURATION}:quantile${window}`,
  active: `service:${ACTIVE}:sum`,
  /** In flight over requests per second, in seconds: https://en.wikipedia.org/wiki/Little%27s_law */
  stay: `service:${ACTIVE}:stay_seconds`,
  usualActive: `service:${ACTIVE}:median1d`,
  usualStay: `service:${ACTIVE}_stay_seconds:median1d`,
};

/** The series by path; the label that carries it is part of their level. */
export function byPath(pathLabel: string) {
  return {
    labels: [...SERVICE_LABELS, pathLabel].join(", "),
    instanceLabels: [...INSTANCE_LABELS, pathLabel].join(", "),
    counted: {
      all: `instance_${pathLabel}:${REQUESTS}:sum`,
      failed: `instance_${pathLabel}:${REQUESTS}_failed:sum`,
    },
    rate: (window: Window) => `service_${pathLabel}:${REQUESTS}:rate${window}`,
    failedRatio: (window: Window) => `service_${pathLabel}:${REQUESTS}_failed:ratio_rate${window}`,
    buckets: (window: Window) => `service_${pathLabel}:${DURATION}_bucket:rate${window}`,
    quantiles: (window: Window) => `service_${pathLabel}:${DURATION}:quantile${window}`,
  };
}
