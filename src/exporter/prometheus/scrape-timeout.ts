/**
 * How long a scrape may wait for the application's observable instruments.
 */
import { decimal } from "../../config/variable.ts";
import { LONGEST_CALLBACK_MS } from "../instruments.ts";

/** Prometheus sends how long it waits for the answer, in seconds. */
export const SCRAPE_TIMEOUT_HEADER = "x-prometheus-scrape-timeout-seconds";

/** For rendering and sending; blackbox_exporter takes as much. Of a timeout below a second it is half. */
const MARGIN_MS = 500;

/**
 * @param header the scraper's timeout in seconds; one that is no positive decimal number is ignored
 * @returns milliseconds: what the timeout leaves for collecting, LONGEST_CALLBACK_MS at most
 */
export function collectionTimeoutMs(header: string | string[] | undefined): number {
  const timeoutMs = 1000 * decimal(String(header));
  if (!(timeoutMs > 0)) return LONGEST_CALLBACK_MS;
  return Math.min(LONGEST_CALLBACK_MS, timeoutMs - Math.min(MARGIN_MS, timeoutMs / 2));
}
