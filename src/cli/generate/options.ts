/**
 * What `otel-red generate` is asked for: the shape that every generator takes, and what holds where nothing is said.
 */
import { PATH_LABEL } from "../../config/red-variables.ts";
import { DEFAULT_DURATION_BUCKETS } from "../../view/red.ts";

/** Service level objectives. */
export interface Objectives {
  /** Share of the requests that do not fail by the service's own fault (5xx), 50 to below 100. */
  readonly availabilityPercent: number;
  /** A successful answer is fast up to this time. One of the bucket bounds. */
  readonly latencySeconds: number;
  /** Share of the successful answers that are fast, 50 to below 100. */
  readonly latencyPercent: number;
}

export interface GenerateOptions {
  /** Only this service; undefined for every service that is scraped. */
  readonly service: string | undefined;
  /** Where it is every service: not these, which have rules of their own. */
  readonly except: readonly string[];
  /** Name of the label that carries the route (RED_PATH_LABEL). */
  readonly pathLabel: string;
  /** Upper bounds in seconds, ascending, without +Inf (RED_DURATION_BUCKETS). */
  readonly durationBuckets: readonly number[];
  readonly objectives: Objectives;
}

/** What the files of `otel-config/` are made with: a service that is configured by nothing but its name. */
export const DEFAULT_OPTIONS: GenerateOptions = {
  service: undefined,
  except: [],
  pathLabel: PATH_LABEL.fallback,
  durationBuckets: DEFAULT_DURATION_BUCKETS,
  objectives: { availabilityPercent: 99.9, latencySeconds: 0.5, latencyPercent: 99 },
};
