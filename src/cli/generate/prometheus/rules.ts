/**
 * The recording rules: rate, error ratio and latency quantiles, by service and by service and path.
 *
 * Counters are summed for each process before their rate is taken. A series is born with its first request, so that of a
 * status 500 begins at 1 (or at 10,000, if that is how the outage began) and no rate ever sees the step from 0. Added up,
 * they are one counter that is there at 0 from the process's first scrape on, and all of it starts anew with the process,
 * which is what a rate knows how to take. The usual advice, rate before sum, is about sums over several processes.
 * https://www.robustperception.io/rate-then-sum-never-sum-then-rate/
 *
 * Rules for one service read what was recorded of that service alone: beside them may be those for another one.
 */
import { FAMILIES, LABEL_SERVICE, LABEL_STATUS_CODE } from "../../../view/red.ts";
import type { GenerateOptions } from "../options.ts";
import { bucketMatcher, equals, indented, ofServices, type Read, reading, selector } from "./promql.ts";
import {
  BY_SERVICE,
  byPath,
  COUNTED,
  INSTANCE,
  LONG_INTERVAL,
  LONG_WINDOWS,
  PLACED,
  QUANTILES,
  RUNNING,
  SERVICE,
  SERVICE_OF_PLACE,
  SHORT_WINDOWS,
  TARGET,
  UP,
  type Window,
} from "./records.ts";
import type { RecordingRule, RuleFile } from "./rule-file.ts";
import { answering, withWorkload } from "./targets.ts";

/** OpenTelemetry's `service.name`, as a label of `target_info`. Behind a collector it is not there: `job` is, in its place. */
const TARGET_INFO_SERVICE = "service_name";

/** The service's own fault. Not 4xx, not 499: what a scanner asks for, and who gives up, are none of its failures. */
const FAILED = `${LABEL_STATUS_CODE}=~"5.."`;

/** What was answered with success: a quick 404 is not fast service, and a client that gave up says how patient it was. */
const SUCCEEDED = `${LABEL_STATUS_CODE}!~"4..|5.."`;

export function recordingRules(options: GenerateOptions): RuleFile<RecordingRule> {
  return {
    groups: [
      { name: "otel-red-instances", rules: instances(options) },
      { name: "otel-red-services", rules: services(options) },
      { name: "otel-red-services-long", interval: LONG_INTERVAL, rules: longWindows(options) },
      { name: "otel-red-paths", rules: paths(options) },
    ],
  };
}

function instances(options: GenerateOptions): RecordingRule[] {
  const { pathLabel, objectives } = options;
  const chosen = ofServices(LABEL_SERVICE, options);
  const path = byPath(pathLabel);
  const read = reading(options);
  const from0 = (sum: string) => `${sum}\nor\n0 * ${read(RUNNING)}`;
  // not the histogram's `_count`, which is the same number: Prometheus can be told to convert histograms
  const answered = `sum by (${INSTANCE}) (${FAMILIES.requests.name}${selector(...chosen, SUCCEEDED)})`;
  const fast = `${FAMILIES.duration.name}_bucket${selector(...chosen, SUCCEEDED, bucketMatcher(objectives.latencySeconds))}`;
  const named = [
    "label_replace(",
    `  label_replace(${targetInfo(options)}, "${LABEL_SERVICE}", "$1", "job", "(?s)(.*)"),`,
    `  "${LABEL_SERVICE}", "$1", "${TARGET_INFO_SERVICE}", "(?s)(.+)"`,
    ")",
    `and on (${TARGET}) ${FAMILIES.labelSets.name}`,
  ].join("\n");
  return [
    { record: RUNNING, expr: `group by (${INSTANCE}) (\n${indented(named)}\n)` },
    { record: PLACED, expr: `group by (${SERVICE_OF_PLACE}) (\n${indented(withWorkload(named))}\n)` },
    { record: UP, expr: answering(read) },
    {
      record: path.counted.all,
      expr: `sum by (${path.instanceLabels}) (${FAMILIES.requests.name}${selector(...chosen)})`,
    },
    {
      record: path.counted.failed,
      expr: [
        `sum by (${path.instanceLabels}) (${FAMILIES.requests.name}${selector(...chosen, FAILED)})`,
        "or",
        `0 * ${read(path.counted.all)}`,
      ].join("\n"),
    },
    { record: COUNTED.all, expr: from0(`sum by (${INSTANCE}) (${read(path.counted.all)})`) },
    { record: COUNTED.failed, expr: from0(`sum by (${INSTANCE}) (${read(path.counted.failed)})`) },
    { record: COUNTED.succeeded, expr: from0(answered) },
    { record: COUNTED.slow, expr: from0(`${answered}\n- sum by (${INSTANCE}) (${fast})`) },
  ];
}

/** A service that is behind a collector has it in `job` alone. */
function targetInfo(options: GenerateOptions): string {
  const named = `target_info${selector(...ofServices(TARGET_INFO_SERVICE, options))}`;
  const behindCollector = (service: string) =>
    `target_info${selector(equals(TARGET_INFO_SERVICE, ""), equals("job", service))}`;
  const { service, except } = options;
  if (service !== undefined) return `(${named} or ${behindCollector(service)})`;
  return except.length === 0 ? named : `(${[named, ...except.map(behindCollector)].join(" unless ")})`;
}

function services(options: GenerateOptions): RecordingRule[] {
  const read = reading(options);
  return [
    ...SHORT_WINDOWS.flatMap((window) => ratios(read, window)),
    ...SHORT_WINDOWS.flatMap((window) => quantiles(BY_SERVICE, SERVICE, read, window)),
    { record: BY_SERVICE.active, expr: `sum by (${SERVICE}) (${read(FAMILIES.active.name)})` },
    { record: BY_SERVICE.stay, expr: `${read(BY_SERVICE.active)} / (${read(BY_SERVICE.rate("5m"))} > 0)` },
  ];
}

function longWindows(options: GenerateOptions): RecordingRule[] {
  const read = reading(options);
  const median = (series: string) => `quantile_over_time(0.5, ${read(series)}[1d])`;
  return [
    ...LONG_WINDOWS.flatMap((window) => ratios(read, window)),
    { record: BY_SERVICE.usualActive, expr: median(BY_SERVICE.active) },
    { record: BY_SERVICE.usualStay, expr: median(BY_SERVICE.stay) },
  ];
}

function ratios(read: Read, window: Window): RecordingRule[] {
  const rate = (counted: string) => `sum by (${SERVICE}) (rate(${read(counted)}[${window}]))`;
  return [
    { record: BY_SERVICE.rate(window), expr: rate(COUNTED.all) },
    {
      record: BY_SERVICE.failedRatio(window),
      expr: `${rate(COUNTED.failed)}\n/ (${read(BY_SERVICE.rate(window))} > 0)`,
    },
    { record: BY_SERVICE.slowRatio(window), expr: `${rate(COUNTED.slow)}\n/ (${rate(COUNTED.succeeded)} > 0)` },
  ];
}

function paths(options: GenerateOptions): RecordingRule[] {
  const read = reading(options);
  const path = byPath(options.pathLabel);
  return SHORT_WINDOWS.flatMap((window) => [
    { record: path.rate(window), expr: `sum by (${path.labels}) (rate(${read(path.counted.all)}[${window}]))` },
    {
      record: path.failedRatio(window),
      expr: `sum by (${path.labels}) (rate(${read(path.counted.failed)}[${window}]))\n/ (${read(path.rate(window))} > 0)`,
    },
    ...quantiles(path, path.labels, read, window),
  ]);
}

/** The buckets are added up once and read for each quantile. */
function quantiles(
  level: Pick<typeof BY_SERVICE, "buckets" | "quantiles">,
  labels: string,
  read: Read,
  window: Window,
): RecordingRule[] {
  const buckets = read(`${FAMILIES.duration.name}_bucket`);
  return [
    { record: level.buckets(window), expr: `sum by (${labels}, le) (rate(${buckets}[${window}]))` },
    ...QUANTILES.map((quantile) => ({
      record: level.quantiles(window),
      expr: `histogram_quantile(${quantile}, ${read(level.buckets(window))})`,
      labels: { quantile: String(quantile) },
    })),
  ];
}
