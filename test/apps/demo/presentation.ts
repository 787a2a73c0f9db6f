/** What the demo says to a person. */
import { relative } from "node:path";
import { styleText } from "node:util";
import { type Sample, series } from "../../support/exposition.ts";
import { histogramQuantile } from "./quantile.ts";
import { allRoutes, routes } from "./routes.ts";
import type { Scrape } from "./scrape.ts";
import { SHOP } from "./shop-process.ts";
import { renderTable, spellDuration } from "./table.ts";
import type { Traffic } from "./traffic.ts";

const QUANTILE = 0.95;

/** Lines that are worth a look, of one route. */
const EXAMPLE_ROUTE = 'path="/api/orders/:id/payment"';
const EXAMPLES = [
  "http_requests_total{",
  "http_errors_total{",
  "http_request_duration_seconds_bucket{",
  "http_requests_active{",
];
const EXAMPLE_BOUND = 'le="0.1"';

export function introduction(preload: string, port: number, preferredPort: number): string {
  const moved = `    Port ${preferredPort} is taken: its metrics are on ${port} this time (OTEL_EXPORTER_PROMETHEUS_PORT=${port}).\n`;
  return [
    "",
    heading("A shop on Express that knows nothing of metrics, started as"),
    `    node --require ${fromHere(preload)} ${fromHere(SHOP)}\n`,
    ...(port === preferredPort ? [] : [moved]),
    heading("Its visitors, as /metrics sees them come"),
  ].join("\n");
}

export function progress(seconds: number, requests: number, inFlight: number): string {
  return `    ${seconds.toFixed(0).padStart(2)} s  ${String(requests).padStart(4)} requests, ${inFlight} in flight`;
}

export function report({ text, samples }: Scrape, { durationSeconds }: Traffic, metricsUrl: string): string {
  const lines = text.split("\n");
  const ofRoute = lines.filter(
    (line) => line.includes(EXAMPLE_ROUTE) && (line.includes(EXAMPLE_BOUND) || !line.includes("le=")),
  );
  const examples = EXAMPLES.flatMap((start) => ofRoute.find((line) => line.startsWith(start)) ?? []);
  return [
    "",
    heading("Where to look"),
    `    curl ${metricsUrl}\n`,
    ...examples.map((line) => `    ${line}`),
    styleText("dim", `    … ${lines.length - examples.length} more lines\n`),
    heading(`Rate, errors and duration by route, over ${durationSeconds.toFixed(1)} s`),
    renderTable(routes(samples), allRoutes(samples), durationSeconds),
  ].join("\n");
}

export function agreement(samples: readonly Sample[], { books, turnedAway }: Traffic): string {
  const all = allRoutes(samples);
  const labelSets = series(samples, "http_requests_total").length;
  const clientQuantile = spellDuration(books.durationQuantile(QUANTILE));
  return [
    `${styleText("green", "The visitors' own books agree with /metrics to the last request")}: ${all.requests} requests, of them ${all.errors} errors`,
    `(4xx-5xx) and ${all.aborted} aborted, in ${labelSets} label sets. ${books.excluded} requests to /health are not among them: excluded by default.`,
    `The visitors' own p95 is ${clientQuantile}; the buckets tell it as ${spellDuration(histogramQuantile(QUANTILE, all.buckets))}.`,
    ...(turnedAway > 0 ? [`${turnedAway} visitors were not let in: the time was up.`] : []),
    "",
  ].join("\n");
}

export function disagreement(found: readonly string[]): string {
  return [
    styleText("red", "The visitors' own books and /metrics do not agree:"),
    ...found.map((line) => `    ${line}`),
    "",
  ].join("\n");
}

function heading(text: string): string {
  return `${styleText("bold", text)}\n`;
}

/** As one would type it. */
function fromHere(path: string): string {
  const shortened = relative(process.cwd(), path);
  return shortened.startsWith("..") ? path : `./${shortened}`;
}
