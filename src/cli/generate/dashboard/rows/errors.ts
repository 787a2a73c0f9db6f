/** Errors by route: the service's own failures apart from wrong requests, which are somebody else's. */
import * as units from "@grafana/grafana-foundation-sdk/units";
import { FAMILIES, LABEL_SERVICE, LABEL_STATUS_CODE } from "../../../../view/red.ts";
import { curve, curves, FULL_WIDTH, type Row } from "../panels.ts";
import { AROUND, ENDED, legendOf, perSecond, type Query } from "../query.ts";

export function errors({ requests, gained, routeLabels }: Query): Row {
  const labels = [...routeLabels, LABEL_STATUS_CODE];
  const rate = (ended: string) => curve(perSecond(requests(AROUND, ended), AROUND, ...labels), legendOf(labels));
  return {
    title: "Errors by route",
    panels: [
      curves(
        {
          title: "5xx by route",
          description:
            "Requests that failed by the service's own fault, per second. Empty when nothing fails; the first failure of a route shows, too.",
          unit: units.RequestsPerSecond,
        },
        rate(ENDED.failed),
      ).span(FULL_WIDTH / 3),
      curves(
        {
          title: "4xx by route",
          description:
            "Wrong requests, and clients that gave up before an answer (499), per second. A scanner is a rise of 404 under one path, unmatched.",
          unit: units.RequestsPerSecond,
        },
        rate(ENDED.refused),
      ).span(FULL_WIDTH / 3),
      curves(
        {
          title: "All errors by service",
          description: `4xx and 5xx together, per second, as ${FAMILIES.errors.name} counts them. To look at, not to page on: most of them are somebody else's.`,
          unit: units.RequestsPerSecond,
        },
        curve(perSecond(gained(FAMILIES.errors.name, AROUND), AROUND, LABEL_SERVICE), legendOf([LABEL_SERVICE])),
      ).span(FULL_WIDTH / 3),
    ],
  };
}
