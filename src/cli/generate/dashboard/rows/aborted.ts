/** Requests whose connection went away: often the first sign of an answer that takes too long. */
import * as units from "@grafana/grafana-foundation-sdk/units";
import { FAMILIES } from "../../../../view/red.ts";
import { curve, curves, type Row } from "../panels.ts";
import { AROUND, ENDED, legendOf, perSecond, type Query } from "../query.ts";

export function aborted({ routeLabels, gained, requests }: Query): Row {
  const legend = legendOf(routeLabels);
  return {
    title: "Aborted",
    panels: [
      curves(
        {
          title: "Aborted by route",
          description:
            "Requests whose connection went away before all of the answer was sent, per second: before it began, and in the middle of it. Empty when nobody leaves.",
          unit: units.RequestsPerSecond,
        },
        curve(perSecond(gained(FAMILIES.aborted.name, AROUND), AROUND, ...routeLabels), legend),
      ),
      curves(
        {
          title: "Given up before an answer",
          description:
            "Those of them to whom nothing had been sent yet (499), per second. How long they waited is in their durations.",
          unit: units.RequestsPerSecond,
        },
        curve(perSecond(requests(AROUND, ENDED.givenUp), AROUND, ...routeLabels), legend),
      ),
    ],
  };
}
