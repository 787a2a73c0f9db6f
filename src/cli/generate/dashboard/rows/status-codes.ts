/** How requests ended, by status code. */
import * as units from "@grafana/grafana-foundation-sdk/units";
import { LABEL_STATUS_CODE } from "../../../../view/red.ts";
import { bars, curve, curves, FULL_WIDTH, number, type Row, stacked } from "../panels.ts";
import { AROUND, perSecond, type Query, SHOWN, sum } from "../query.ts";

/** Shades of one colour for each class, so that what is the service's fault stands out. */
const CLASS_COLORS: Readonly<Record<string, string>> = {
  "/^1/": "super-light-blue",
  "/^2/": "green",
  "/^3/": "blue",
  "/^4/": "orange",
  "/^5/": "red",
};

export function statusCodes({ requests }: Query): Row {
  const legend = `{{${LABEL_STATUS_CODE}}}`;
  const rate = stacked(
    curves(
      {
        title: "Rate by status code",
        description:
          "Requests that have ended, per second, by the status as it was sent. 499: the connection went away before any answer.",
        unit: units.RequestsPerSecond,
      },
      curve(perSecond(requests(AROUND), AROUND, LABEL_STATUS_CODE), legend),
    ),
  );
  const count = bars(
    {
      title: "Requests by status code",
      description: "How many have ended with each status, over the time shown.",
      unit: units.LocaleFormat,
    },
    number(`sort_desc(${sum(requests(SHOWN), LABEL_STATUS_CODE)} > 0)`, legend),
  )
    // increase() knows no whole numbers
    .decimals(0)
    .height(8);
  for (const [status, color] of Object.entries(CLASS_COLORS)) {
    rate.overrideByRegexp(status, [{ id: "color", value: { mode: "shades", fixedColor: color } }]);
    count.overrideByRegexp(status, [{ id: "color", value: { mode: "fixed", fixedColor: color } }]);
  }
  return { title: "Status codes", panels: [rate.span((2 * FULL_WIDTH) / 3), count] };
}
