/**
 * The alerts on the objectives: how fast the error budget of thirty days is being burnt, over a long window, so that it
 * matters, and over a short one, so that it is still so.
 * https://sre.google/workbook/alerting-on-slos/#6-multiwindow-multi-burn-rate-alerts
 */
import type { GenerateOptions } from "../options.ts";
import { type Alert, enough, rounded, SERVICE_NAME, share } from "./alert.ts";
import { reading } from "./promql.ts";
import { BY_SERVICE, COUNTED, SERVICE, type Window } from "./records.ts";
import type { Severity } from "./rule-file.ts";

interface BurnRate {
  readonly severity: Severity;
  readonly long: Window;
  readonly short: Window;
  /** 1 burns the budget in thirty days. */
  readonly factor: number;
}

/** The workbook's table: 2 % of the budget in an hour, 5 % in six, 10 % in a day, 10 % in three. */
const BURN_RATES: readonly BurnRate[] = [
  { severity: "critical", long: "1h", short: "5m", factor: 14.4 },
  { severity: "critical", long: "6h", short: "30m", factor: 6 },
  { severity: "warning", long: "1d", short: "2h", factor: 3 },
  { severity: "warning", long: "3d", short: "6h", factor: 1 },
];

interface Objective {
  readonly alert: string;
  readonly percent: number;
  readonly ratio: (window: Window) => string;
  /** The counter of what the ratio is a share of. */
  readonly counted: string;
  /** Completes "{{ … }} of …". */
  readonly bad: string;
}

export function burnRates(options: GenerateOptions, severity: Severity): Alert[] {
  const read = reading(options);
  const { availabilityPercent, latencySeconds, latencyPercent } = options.objectives;
  const availability: Objective = {
    alert: "RedAvailabilityBudgetBurn",
    percent: availabilityPercent,
    ratio: (window) => read(BY_SERVICE.failedRatio(window)),
    counted: read(COUNTED.failed),
    bad: "the requests fail",
  };
  const latency: Objective = {
    alert: "RedLatencyBudgetBurn",
    percent: latencyPercent,
    ratio: (window) => read(BY_SERVICE.slowRatio(window)),
    counted: read(COUNTED.slow),
    bad: `the answers take longer than ${latencySeconds} s`,
  };
  return [availability, latency].map((objective) => burning(objective, severity));
}

const SPENT: Readonly<Record<Severity, string>> = { critical: "in days", warning: "before its thirty days are over" };

/** One alert for the windows of a severity: two of them firing are one page. */
function burning({ alert, percent, ratio, counted, bad }: Objective, severity: Severity): Alert {
  const windows = BURN_RATES.filter((burnRate) => burnRate.severity === severity);
  const conditions = windows.map(({ long, short, factor }) => {
    const threshold = rounded(share(factor, percent));
    return [
      "(",
      `  ${ratio(long)} > ${threshold}`,
      `  and ${ratio(short)} > ${threshold}`,
      `  and ${enough(SERVICE, counted, long)}`,
      ")",
    ].join("\n");
  });
  const longs = windows.map(({ long }) => long).join(" or ");
  return {
    alert,
    severity,
    expr: conditions.join("\nor\n"),
    summary: `${SERVICE_NAME}: {{ $value | humanizePercentage }} of ${bad}`,
    description: `Over the last ${longs}, and still. The objective of ${percent} % leaves ${rounded(100 - percent)} %, and at this pace that is used up ${SPENT[severity]}.`,
  };
}
