/** The table that a person reads. */
import { styleText } from "node:util";
import { getBorderCharacters, table } from "table";
import { histogramQuantile } from "./quantile.ts";
import type { Route } from "./routes.ts";

const HEADER = ["method", "path", "requests", "rate/s", "errors", "", "p50", "p95", "p99", "aborted", "in flight"];
const LEFT_ALIGNED = 2;

/**
 * @param total the last row, below a line.
 * @param durationSeconds of the time in which the requests came, for the rate.
 */
export function renderTable(routes: readonly Route[], total: Route, durationSeconds: number): string {
  const header = HEADER.map((title) => styleText("bold", title));
  return table([header, ...[...routes, total].map((route) => row(route, durationSeconds))], {
    border: getBorderCharacters("norc"),
    columnDefault: { paddingLeft: 0, paddingRight: 2 },
    columns: HEADER.map((_, index) => ({ alignment: index < LEFT_ALIGNED ? "left" : "right" })),
    drawVerticalLine: () => false,
    drawHorizontalLine: (index, size) => index === 1 || index === size - 1,
  });
}

function row(route: Route, durationSeconds: number): string[] {
  const { method, path, requests, errors, serverErrors, buckets, aborted, inFlight } = route;
  const colour = serverErrors > 0 ? "red" : "yellow";
  return [
    method,
    path,
    String(requests),
    (requests / durationSeconds).toFixed(1),
    errors > 0 ? styleText(colour, String(errors)) : "0",
    errors > 0 ? styleText(colour, `${((100 * errors) / requests).toFixed(1)} %`) : "",
    ...[0.5, 0.95, 0.99].map((quantile) => spellDuration(histogramQuantile(quantile, buckets))),
    String(aborted),
    String(inFlight),
  ];
}

/** Three digits: more would claim a precision that the buckets do not have. */
export function spellDuration(seconds: number): string {
  if (Number.isNaN(seconds)) return "-";
  if (seconds >= 0.9995) return `${seconds.toFixed(2)} s`;
  const milliseconds = seconds * 1000;
  return `${milliseconds.toFixed(milliseconds >= 99.95 ? 0 : 1)} ms`;
}
