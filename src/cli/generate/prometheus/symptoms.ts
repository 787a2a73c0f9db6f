/** The alerts on what is wrong now: targets, traffic, errors, latency, requests in flight, the metrics themselves. */
import { FAMILIES, LABEL_SERVICE, LABEL_STATUS_CODE } from "../../../view/red.ts";
import type { GenerateOptions } from "../options.ts";
import { type Alert, enough, rounded, SERVICE_NAME, share } from "./alert.ts";
import { bucketMatcher, ofServices, reading, selector } from "./promql.ts";
import { BY_SERVICE, byPath, COUNTED, INSTANCE, SERVICE, SERVICE_OF_ANY_JOB, TARGET, UP } from "./records.ts";
import { JOB_NAME } from "./scrape-config.ts";
import { down } from "./targets.ts";

/** One request a minute: half an hour without any is then no accident (e^-30). */
const SOME_TRAFFIC_PER_SECOND = "1 / 60";

/** Of the requests of a route. */
const MANY_FAIL = 0.05;

/** Times the budget, for half an hour. */
const MANY_SLOW = 5;

/** A pile is more than these in flight, more than so many times as many as usual, and they stay more than so many times as long. */
const A_PILE = 10;
const GROWN = 2;
const TIMES_THE_USUAL = 5;

export function targets(options: GenerateOptions): Alert[] {
  const isDown = `${reading(options)(UP)} == 0`;
  const isUp = `${reading(options)(UP)} == 1`;
  // whose name is not known because it was never reached; the job is the one of our scrape configuration, or of our PodMonitor
  const neverUp = `${down(`{job=~"(.+/)?${JOB_NAME}(\\\\b|_).*"}`)} unless on (${TARGET}) ${UP}`;
  return [
    {
      alert: "RedTargetDown",
      severity: "warning",
      expr: options.service === undefined ? `${isDown}\nor\n(${neverUp})` : isDown,
      for: "2m",
      summary: `{{ or $labels.${LABEL_SERVICE} $labels.job }}: {{ $labels.instance }} cannot be scraped`,
      description:
        "Prometheus has not got an answer from this target for two minutes. It is down, or its metrics cannot be reached.",
    },
    {
      alert: "RedServiceDown",
      severity: "critical",
      expr: `count by (${SERVICE}) (${isDown})\nunless\ncount by (${SERVICE}) (${isUp})`,
      for: "2m",
      summary: `${SERVICE_NAME}: none of its {{ $value }} targets can be scraped`,
      description:
        "All known instances of the service are down, or their metrics cannot be reached. New instances count as known where old ones ran.",
    },
  ];
}

export function traffic(options: GenerateOptions): Alert[] {
  const read = reading(options);
  const before = `${read(BY_SERVICE.rate("1h"))} offset 30m`;
  const now = `${read(BY_SERVICE.rate("30m"))} > 0`;
  const noTargets = (offset: string) => `unless count by (${SERVICE}) (${read(UP)}${offset})`;
  const quiet = (before: string) => `(${read(BY_SERVICE.rate("30m"))} offset ${before} == 0)`;
  // scaled to zero: known at that time, and not a target of it was there
  const away = (before: string) =>
    `(${read(BY_SERVICE.rate("1d"))} offset ${before} ${noTargets(` offset ${before}`)})`;
  const usual = (before: string) => [`unless ${quiet(before)}`, `unless ${away(before)}`];
  return [
    {
      alert: "RedNoTraffic",
      severity: "critical",
      expr: [
        `${before} > ${SOME_TRAFFIC_PER_SECOND}`,
        `unless (${now})`,
        // a canary whose job is over: the service has its traffic in another job
        `unless (${before} ${noTargets("")} and on (${SERVICE_OF_ANY_JOB}) ${now})`,
        ...usual("1d"),
        ...usual("1w"),
      ].join("\n"),
      for: "5m",
      summary: `${SERVICE_NAME}: no request for half an hour, {{ printf "%.2f" $value }} a second before that`,
      description:
        "Nothing reaches the service, and at this hour something did yesterday and a week ago (as far as that is known).",
    },
  ];
}

export function errors(options: GenerateOptions): Alert[] {
  const { pathLabel } = options;
  const path = byPath(pathLabel);
  const read = reading(options);
  return [
    {
      alert: "RedErrorRatioHigh",
      severity: "warning",
      expr: [
        `${read(path.failedRatio("5m"))} > ${MANY_FAIL}`,
        `and ${read(path.failedRatio("30m"))} > ${MANY_FAIL}`,
        `and ${enough(path.labels, read(path.counted.failed), "30m")}`,
      ].join("\n"),
      for: "2m",
      summary: `${SERVICE_NAME}: {{ $value | humanizePercentage }} of {{ $labels.${pathLabel} }} fail`,
      description: `More than ${rounded(MANY_FAIL * 100)} % of the requests to this route are answered with a 5xx, over five minutes and over thirty.`,
    },
  ];
}

export function latency(options: GenerateOptions): Alert[] {
  const { latencySeconds, latencyPercent } = options.objectives;
  const read = reading(options);
  const slow = rounded(share(MANY_SLOW, latencyPercent));
  const ofService = ofServices(LABEL_SERVICE, options);
  const bucket = `${FAMILIES.duration.name}_bucket`;
  return [
    {
      alert: "RedLatencyHigh",
      severity: "warning",
      expr: [
        `${read(BY_SERVICE.slowRatio("5m"))} > ${slow}`,
        `and ${read(BY_SERVICE.slowRatio("30m"))} > ${slow}`,
        `and ${enough(SERVICE, read(COUNTED.slow), "30m")}`,
      ].join("\n"),
      for: "2m",
      summary: `${SERVICE_NAME}: {{ $value | humanizePercentage }} of the answers take longer than ${latencySeconds} s`,
      description: `The objective allows ${rounded(100 - latencyPercent)} %; it is exceeded several times over, over five minutes and over thirty.`,
    },
    {
      alert: "RedLatencyBucketMissing",
      severity: "warning",
      expr: [
        `count by (${SERVICE}) (`,
        `  ${read(COUNTED.succeeded)} > 0`,
        `  unless on (${INSTANCE})`,
        `  sum by (${INSTANCE}) (${bucket}${selector(...ofService, bucketMatcher(latencySeconds))})`,
        ")",
      ].join("\n"),
      for: "5m",
      summary: `${SERVICE_NAME}: no bucket ends at ${latencySeconds} s, its latency is not watched`,
      description:
        "The latency of {{ $value }} instances is not measured. They have other RED_DURATION_BUCKETS than these alerts were made for, or Prometheus drops or converts their histograms.",
    },
  ];
}

export function inFlight(options: GenerateOptions): Alert[] {
  const read = reading(options);
  const active = read(BY_SERVICE.active);
  // per second: those that have ended, and those that have come in to stay
  const arrivals = `(${read(BY_SERVICE.rate("5m"))} + clamp_min(deriv(${active}[1h]), 0))`;
  return [
    {
      alert: "RedRequestsPileUp",
      severity: "critical",
      expr: [
        `${active} > ${A_PILE}`,
        // streams stay open while fewer requests come in: nothing grows
        `and ${active} > ${GROWN} * ${read(BY_SERVICE.usualActive)} offset 15m`,
        `and ${active} > ${TIMES_THE_USUAL} * ${arrivals} * ${read(BY_SERVICE.usualStay)} offset 15m`,
      ].join("\n"),
      for: "10m",
      summary: `${SERVICE_NAME}: {{ $value }} requests in flight, far more than its traffic explains`,
      description: `Requests come in and do not end: for ten minutes there have been more than ${GROWN} times as many as the median of the last day, and they have stayed more than ${TIMES_THE_USUAL} times as long.`,
    },
  ];
}

/** Joined within ten minutes, and that for so long: a deployment joins each worker once, and is soon over. */
const MANY_JOINED = 4;
const LONGER_THAN_A_DEPLOYMENT = "15m";

/**
 * Times the workers that there are, within three hours. A large cluster may take long to restart worker by worker, but two
 * deployments join no more than that. One worker of 64 that ends every minute joins more.
 */
const MORE_THAN_DEPLOYMENTS = 2;

/** By target: workers of new pods come one after the other, and of many pods some come at any time. */
export function workers(options: GenerateOptions): Alert[] {
  const joined = (window: string) => `sum by (${TARGET}) (increase(${FAMILIES.workersJoined.name}[${window}]))`;
  return [
    {
      alert: "RedWorkersRestart",
      severity: "warning",
      expr: [
        "(",
        `  ${joined("10m")} >= ${MANY_JOINED}`,
        `  and ${joined("3h")} > ${MORE_THAN_DEPLOYMENTS} * sum by (${TARGET}) (${FAMILIES.workers.name})`,
        `) + on (${TARGET}) group_right () 0 * ${reading(options)(UP)}`,
      ].join("\n"),
      for: LONGER_THAN_A_DEPLOYMENT,
      summary: `${SERVICE_NAME}: {{ printf "%.0f" $value }} workers of {{ $labels.instance }} have started within ten minutes, again and again`,
      description:
        "Workers of a cluster, a process manager or a pool of threads end and are replaced, for longer than a deployment takes, and more of them than two deployments start.",
    },
  ];
}

export function labelBudget(options: GenerateOptions): Alert[] {
  const known = reading(options)(UP);
  return [
    {
      alert: "RedLabelBudgetOverflow",
      severity: "warning",
      expr: [
        `sum by (${SERVICE}) (`,
        `  sum by (${TARGET}) (increase(${FAMILIES.overflow.name}[1h])) + on (${TARGET}) group_right () 0 * ${known}`,
        ") > 0",
      ].join("\n"),
      summary: `${SERVICE_NAME}: {{ printf "%.0f" $value }} requests of the last hour are shown without their path`,
      description: `RED_MAX_LABEL_SETS is used up: requests to further paths are counted under "other", with their method and ${LABEL_STATUS_CODE}.`,
    },
  ];
}
