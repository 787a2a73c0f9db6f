/**
 * What OpenTelemetry's packages have to say, in our log.
 *
 * In the bundles their import of `diag` ends here (see scripts/build.ts): to hear them through the API's own `diag`, a
 * logger would have to be set for the whole process, and that one is the application's.
 */
import type { DiagAPI } from "@opentelemetry/api";
import { type Log, reasonOf } from "../../log/log.ts";
import { partialSuccess } from "./partial-success.ts";

/** One that fails at every export would otherwise fill the log. */
const MOST_MESSAGES = 100;

/**
 * Detectors of clouds that this is none of resolve their attributes to `undefined`; an export that takes too long for
 * its reader is reported by its exporter, with the reason; a bad endpoint has been warned of, with the default.
 */
const NOT_NEEDED =
  /^dropping invalid resource attribute value|^PeriodicExportingMetricReader: metrics export timed out|^Configuration: Could not parse environment-provided export URL/;

let log: Log | undefined;
const said = new Set<string>();

/** What comes after it is somebody's data. */
const LONGEST_KIND = 200;

/** From now on errors and warnings are written there, each text once, whatever the numbers in it. What is less severe is not written. */
export function connectDiag(to: Log): void {
  log = to;
}

function once(severity: "error" | "warn", parts: readonly unknown[]): void {
  const message =
    partialSuccess(parts) ?? parts.map((part) => (typeof part === "string" ? part : reasonOf(part))).join(" ");
  const kind = message
    .slice(0, 2 * LONGEST_KIND)
    .replace(/\d+/g, "0")
    .slice(0, LONGEST_KIND);
  if (message === "" || NOT_NEEDED.test(message) || said.has(kind) || said.size >= MOST_MESSAGES) return;
  said.add(kind);
  log?.[severity](message);
}

const quiet = () => {};

export const diag: Omit<DiagAPI, "setLogger" | "disable"> = {
  error: (...parts) => once("error", parts),
  warn: (...parts) => once("warn", parts),
  info: quiet,
  debug: quiet,
  verbose: quiet,
  createComponentLogger: () => diag,
};
