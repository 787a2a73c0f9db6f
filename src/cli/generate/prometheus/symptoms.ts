/** The alerts on what is wrong now: targets, traffic, errors, latency, requests in flight, the metrics themselves. */
import { FAMILIES, LABEL_SERVICE, LABEL_STATUS_CODE } from "../../../view/red.ts";
import type { GenerateOptions } from "../options.ts";
import { type Alert, enough, rounded, SERVICE_NAME, share } from "./alert.ts";
import { bucketMatcher, ofServices, reading, selector } from "./promql.ts";
import { BY_SERVICE, byPath, COUNTED, INSTANCE, KNOWN, SERVICE, TARGET } from "./records.ts";
import { JOB_NAME } from "./scrape-config.ts";

/** One request a minute: half an hour without any is then no accident (e^-30). */
const SOME_TRAFFIC_PER_SECOND = "1 / 60";

/** Of the requests of a route. */
const MANY_FAIL = 0.05;

/** Times the budget, for half an hour. */
const MANY_SLOW = 5;

/** Fewer in flight are no pile, and more than so many times the usual stay are. */
const A_PILE = 10;
const TIMES_THE_USUAL = 5;

export function targets(options: GenerateOptions): Alert[] {
  const known = reading(options)(KNOWN);
  const down = `${known} and on (${TARGET}) up == 0`;
  const up = `${known} and on (${TARGET}) up == 1`;
  // whose name is not known because it was never reached; the job is the one of our scrape configuration, or of our PodMonitor
  const neverUp = `(up{job=~"(.+/)?${JOB_NAME}.*"} == 0 unless on (${TARGET}) ${KNOWN})`;
  return [
    {
      alert: "RedTargetDown",
      severity: "warning",
      expr: options.service === undefined ? `(${down})\nor\n${neverUp}` : down,
      for: "2m",
      summary: `{{ or $labels.${LABEL_SERVICE} $labels.job }}: {{ $labels.instance }} cannot be scraped`,
      description:
        "Prometheus has not got an answer from this target for two minutes. It is down, or its metrics cannot be reached.",
    },
    {
      alert: "RedServiceDown",
      severity: "critical",
      expr: `count by (${SERVICE}) (${down})\nunless\ncount by (${SERVICE}) (${up})`,
      for: "2m",
      summary: `${SERVICE_NAME}: none of its {{ $value }} targets can be scraped`,
      description: "All known instances of the service are down, or their metrics cannot be reached.",
    },
  ];
}

export function traffic(options: GenerateOptions): Alert[] {
  const read = reading(options);
  const now = `${read(BY_SERVICE.rate("30m"))} > 0`;
  const usual = (before: string) => `(${read(BY_SERVICE.rate("30m"))} offset ${before} == 0)`;
  return [
    {
      alert: "RedNoTraffic",
      severity: "critical",
      expr: [
        `${read(BY_SERVICE.rate("1h"))} offset 30m > ${SOME_TRAFFIC_PER_SECOND}`,
        `unless (${now})`,
        `unless ${usual("1d")}`,
        `unless ${usual("1w")}`,
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
      description: `{{ $value }} instances have other RED_DURATION_BUCKETS than these alerts were made for, so that their latency objective cannot be measured.`,
    },
  ];
}

export function inFlight(options: GenerateOptions): Alert[] {
  const read = reading(options);
  const active = read(BY_SERVICE.active);
  return [
    {
      alert: "RedRequestsPileUp",
      severity: "critical",
      expr: [
        `${active} > ${A_PILE}`,
        "and",
        active,
        `> ${TIMES_THE_USUAL} * ${read(BY_SERVICE.rate("5m"))} * quantile_over_time(0.5, ${read(BY_SERVICE.stay)}[1d] offset 15m)`,
      ].join("\n"),
      for: "10m",
      summary: `${SERVICE_NAME}: {{ $value }} requests in flight, far more than its traffic explains`,
      description: `Requests come in and do not end: for ten minutes they have stayed more than ${TIMES_THE_USUAL} times as long as the median of the last day.`,
    },
  ];
}

export function labelBudget(options: GenerateOptions): Alert[] {
  const known = reading(options)(KNOWN);
  return [
    {
      alert: "RedLabelBudgetOverflow",
      severity: "warning",
      expr: [
        `sum by (${SERVICE}) (`,
        `  sum by (${TARGET}) (increase(${FAMILIES.overflow.name}[1h])) * on (${TARGET}) group_right () ${known}`,
        ") > 0",
      ].join("\n"),
      summary: `${SERVICE_NAME}: {{ printf "%.0f" $value }} requests of the last hour are shown without their path`,
      description: `RED_MAX_LABEL_SETS is used up: requests to further paths are counted under "other", with their method and ${LABEL_STATUS_CODE}.`,
    },
  ];
}
