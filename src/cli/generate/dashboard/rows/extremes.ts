/** The routes to look at first: the slowest, the busiest, and those that the time goes into. */
import * as units from "@grafana/grafana-foundation-sdk/units";
import { FAMILIES } from "../../../../view/red.ts";
import { bars, number, type Row, thresholds } from "../panels.ts";
import { legendOf, perSecond, type Query, quantile, SHOWN } from "../query.ts";

const MOST = 10;

export function extremes({ routeLabels, gained, requests }: Query, latencySeconds: number): Row {
  const legend = legendOf(routeLabels);
  const top = (routes: string) => number(`sort_desc(topk(${MOST}, ${routes}))`, legend);
  const duration = FAMILIES.duration.name;
  return {
    title: "Slowest and busiest routes",
    panels: [
      bars(
        {
          title: "Slowest",
          description: `95 % of a route's requests took no longer, over the time shown. The ${MOST} highest.`,
          unit: units.Seconds,
        },
        top(quantile(0.95, gained(`${duration}_bucket`, SHOWN), ...routeLabels)),
      ).thresholds(thresholds("green", [latencySeconds / 2, "yellow"], [latencySeconds, "red"])),
      bars(
        {
          title: "Busiest",
          description: `Requests per second, over the time shown. The ${MOST} highest.`,
          unit: units.RequestsPerSecond,
        },
        top(`${perSecond(requests(SHOWN), SHOWN, ...routeLabels)} > 0`),
      ),
      bars(
        {
          title: "Where the time goes",
          description: `Requests in progress on average over the time shown: the seconds spent in a route's requests, per second. What is both slow and busy comes first. The ${MOST} highest.`,
          unit: units.Short,
        },
        top(`${perSecond(gained(`${duration}_sum`, SHOWN), SHOWN, ...routeLabels)} > 0`),
      ),
    ],
  };
}
