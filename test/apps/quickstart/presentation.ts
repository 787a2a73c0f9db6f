/** What the quick start says to a person. */
import { styleText } from "node:util";
import { LOAD_MINUTES } from "../demo/steady-load.ts";
import type { Ports } from "./ports.ts";

/** Questions with which to begin, as links to Prometheus. */
const QUESTIONS: readonly { what: string; promql: string }[] = [
  { what: "how many, by route", promql: "sum by (path) (rate(http_requests_total[1m]))" },
  {
    what: "how slow, by route",
    promql: "histogram_quantile(0.95, sum by (path, le) (rate(http_request_duration_seconds_bucket[1m])))",
  },
];

/** @param pages path of Prometheus's pages. */
export function introduction(shop: string, { metrics, prometheus, alertmanager }: Ports, pages: string): string {
  const prometheusUrl = `http://localhost:${prometheus}${pages}`;
  return [
    "",
    styleText("bold", "A shop on Express that knows nothing of metrics, and who watches it"),
    ...[
      ["shop", `${shop}/products`],
      ["its metrics", `http://localhost:${metrics}/metrics`],
      ["Prometheus", `${prometheusUrl}/alerts`],
      ["Alertmanager", `http://localhost:${alertmanager}`],
      ...QUESTIONS.map(({ what, promql }) => [
        what,
        `${prometheusUrl}/graph?g0.expr=${encodeURIComponent(promql)}&g0.tab=0&g0.range_input=15m`,
      ]),
    ].map(([what = "", url]) => `    ${what.padEnd(20)}${url}`),
    "",
    "Some nine requests a second come in, and its payment provider fails at times: too often for the objective of 99.9 %.",
    `In two minutes or so you are paged for it, here. The visitors go home after ${LOAD_MINUTES} minutes. Ctrl-C ends it.`,
    "",
  ].join("\n");
}

export function goodbye(): string {
  return "The visitors have gone home; everything else stays until Ctrl-C.";
}
