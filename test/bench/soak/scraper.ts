/**
 * Scrapes beside the load: in both formats, now and then two at a time, and now and then left before they are over.
 */
import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { AS_PROMETHEUS, PLAIN, scrape } from "../scrape.ts";

const INTERVAL_MS = 200;

/** @returns how many scrapes there were. @throws Error where one fails */
export async function scrapeUntil(metricsUrl: string | undefined, ended: () => boolean): Promise<number> {
  let count = 0;
  while (!ended()) {
    if (metricsUrl !== undefined) {
      await Promise.all([scrape(metricsUrl, AS_PROMETHEUS), scrape(metricsUrl, PLAIN), leaveEarly(metricsUrl)]);
      count += 3;
    }
    await sleep(INTERVAL_MS);
  }
  return count;
}

function leaveEarly(metricsUrl: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(metricsUrl, { agent: false }, (response) => {
      response.once("data", () => response.destroy());
      response.once("close", resolve);
    });
    request.on("error", reject);
  });
}

/** Requests that are in flight, as /metrics has it. */
export async function activeRequests(metricsUrl: string): Promise<number> {
  const text = (await scrape(metricsUrl, PLAIN)).toString();
  return [...text.matchAll(/^http_requests_active\{.*\} (\d+)$/gm)].reduce((sum, [, value]) => sum + Number(value), 0);
}
