/** The first look: how much, how many fail, how slow, how many at once, and how content those who wait can be. */
import * as common from "@grafana/grafana-foundation-sdk/common";
import * as units from "@grafana/grafana-foundation-sdk/units";
import { FAMILIES, LABEL_SERVICE } from "../../../../view/red.ts";
import type { GenerateOptions, Objectives } from "../../options.ts";
import { bucketMatcher } from "../../prometheus/promql.ts";
import { curve, curves, number, numbers, type Row, thresholds, withLimits } from "../panels.ts";
import { AROUND, ENDED, perSecond, type Query, quantile, ratio, SHOWN, sum, type Window } from "../query.ts";

const BUCKET = `${FAMILIES.duration.name}_bucket`;
const QUANTILES = [0.5, 0.95, 0.99] as const;
const PERCENTILES = QUANTILES.map((level) => ({ level, name: `p${level * 100}` }));

export function overview(query: Query, { objectives, durationBuckets }: GenerateOptions): Row {
  const { requests } = query;
  const rate = (window: Window, ...by: readonly string[]) => perSecond(requests(window), window, ...by);
  const errorRatio = (ended: string, window: Window) => ratio(requests(window, ended), requests(window));
  const satisfied = satisfaction(query, objectives.latencySeconds, durationBuckets);
  const latency = thresholds("green", [objectives.latencySeconds, "red"]);
  const failures = failureLimits(objectives);
  const contentment = thresholds("red", [0.7, "orange"], [0.85, "yellow"], [0.94, "green"]);
  const inFlight = query.chosen(FAMILIES.active.name);

  return {
    title: "Overview",
    panels: [
      numbers(
        {
          title: "Rate",
          description: "Requests that have ended, per second, over the time shown.",
          unit: units.RequestsPerSecond,
        },
        number(rate(SHOWN), "requests"),
      ).span(3),
      numbers(
        {
          title: "Error ratio",
          description: `Requests that failed by the service's own fault (5xx), as a share of all, over the time shown. The objective allows ${round(100 - objectives.availabilityPercent)} %. 4xx and clients that gave up (499) are not in it.`,
          unit: units.PercentUnit,
        },
        number(errorRatio(ENDED.failed, SHOWN), "5xx"),
      )
        .thresholds(failures)
        .span(3),
      numbers(
        {
          title: "Duration",
          description: `Half of the requests, 95 % and 99 % of them took no longer, over the time shown. Interpolated within a bucket. The objective is ${objectives.latencySeconds} s.`,
          unit: units.Seconds,
        },
        ...PERCENTILES.map(({ level, name }) => number(quantile(level, query.gained(BUCKET, SHOWN)), name)),
      )
        .thresholds(latency)
        .textMode(common.BigValueTextMode.ValueAndName)
        .span(7),
      numbers(
        {
          title: `Within ${objectives.latencySeconds} s`,
          description: `Successful answers that took no longer than ${objectives.latencySeconds} s, as a share of all successful answers, over the time shown. The objective is ${objectives.latencyPercent} %.`,
          unit: units.PercentUnit,
        },
        number(
          ratio(
            query.gained(BUCKET, SHOWN, ENDED.succeeded, bucketMatcher(objectives.latencySeconds)),
            requests(SHOWN, ENDED.succeeded),
          ),
          "within the objective",
        ),
      )
        .thresholds(thresholds("red", [objectives.latencyPercent / 100, "green"]))
        .span(4),
      numbers(
        {
          title: "Satisfaction",
          description: satisfied.description,
          unit: units.PercentUnit,
        },
        number(satisfied.over(SHOWN), "satisfaction"),
      )
        .thresholds(contentment)
        .span(4),
      numbers(
        {
          title: "In flight",
          description: "Requests that were being worked on at the last scrape.",
          unit: units.Short,
        },
        number(sum(inFlight), "in flight"),
      ).span(3),
      curves(
        {
          title: "Rate by service",
          description: "Requests that have ended, per second.",
          unit: units.RequestsPerSecond,
        },
        curve(rate(AROUND, LABEL_SERVICE), `{{${LABEL_SERVICE}}}`),
      ),
      withLimits(
        curves(
          {
            title: "Error ratio over time",
            description:
              "Shares of all requests: 5xx, the service's own failures, by which it is measured; and 4xx, wrong requests and clients that gave up (499), which page nobody.",
            unit: units.PercentUnit,
          },
          curve(errorRatio(ENDED.failed, AROUND), "5xx"),
          curve(errorRatio(ENDED.refused, AROUND), "4xx"),
        )
          .overrideByName("5xx", fixedColor("red"))
          .overrideByName("4xx", fixedColor("orange")),
        failures,
      ),
      withLimits(
        curves(
          {
            title: "Duration over time",
            description:
              "Half of the requests, 95 % and 99 % of them took no longer. The line is the objective. Diamonds are requests with a trace, where the application traces and Prometheus keeps exemplars.",
            unit: units.Seconds,
          },
          // of one curve: those of the others are the same
          ...PERCENTILES.map(({ level, name }, index) =>
            curve(quantile(level, `rate(${query.chosen(BUCKET)}[${AROUND.range}])`), name).exemplar(
              index === PERCENTILES.length - 1,
            ),
          ),
        ),
        latency,
      ).span(8),
      curves(
        {
          title: "In flight by service",
          description: "Requests that were being worked on at each scrape. What rises and stays is a pile-up.",
          unit: units.Short,
        },
        curve(sum(inFlight, LABEL_SERVICE), `{{${LABEL_SERVICE}}}`),
      ).span(8),
      withLimits(
        curves(
          {
            title: "Satisfaction over time",
            description: satisfied.description,
            unit: units.PercentUnit,
          },
          curve(satisfied.over(AROUND), "satisfaction"),
        ).max(1),
        contentment,
      ).span(8),
    ],
  };
}

function fixedColor(color: string) {
  return [{ id: "color", value: { mode: "fixed", fixedColor: color } }];
}

/** Yellow from half of what the objective allows, red from all of it. */
function failureLimits({ availabilityPercent }: Objectives) {
  const allowed = round(100 - availabilityPercent) / 100;
  return thresholds("green", [allowed / 2, "yellow"], [allowed, "red"]);
}

/** Without the digits that binary fractions add: 100 - 99.9. */
function round(percent: number): number {
  return Number(percent.toPrecision(12));
}

/**
 * Apdex: who is served within the objective is satisfied, and who is within four times as long half so. The buckets end
 * where they end, so that the nearest bound above the objective stands for the four times.
 * https://en.wikipedia.org/wiki/Apdex
 */
function satisfaction({ gained, requests }: Query, satisfiedSeconds: number, bounds: readonly number[]) {
  const distance = (bound: number) => Math.abs(bound - 4 * satisfiedSeconds);
  const [toleratedSeconds] = bounds
    .filter((bound) => bound > satisfiedSeconds)
    .sort((a, b) => distance(a) - distance(b));
  const steps = toleratedSeconds === undefined ? [satisfiedSeconds] : [satisfiedSeconds, toleratedSeconds];
  const half = toleratedSeconds === undefined ? "" : ` counts in full, one within ${toleratedSeconds} s half`;
  return {
    description: `Apdex: a successful answer within ${satisfiedSeconds} s${half}, of all that somebody waited for. Failures (5xx) and clients that gave up (499) count as nobody's satisfaction; wrong requests (other 4xx) do not count. 94 % is excellent, 85 % good, 70 % fair.`,
    over: (window: Window) => {
      const served = steps.map((bound) => gained(BUCKET, window, ENDED.succeeded, bucketMatcher(bound)));
      return ratio(`(${served.join("\nor\n")})\n/ ${steps.length}`, requests(window, ENDED.waitedFor));
    },
  };
}
