/**
 * A scrape, as Prometheus does it or as plain as it gets.
 */
import { get } from "node:http";

/** https://prometheus.io/docs/instrumenting/content_negotiation/ */
export const AS_PROMETHEUS = {
  accept:
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6," +
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4," +
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
  "accept-encoding": "gzip",
} as const;

/** Text, not compressed: what all of them can do. */
export const PLAIN = { accept: "text/plain;version=0.0.4" } as const;

const DEADLINE_MS = 120_000;

/** @throws Error unless it is answered with 200 within two minutes */
export function scrape(url: string, headers: Readonly<Record<string, string>>): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const request = get(url, { headers, agent: false, signal: AbortSignal.timeout(DEADLINE_MS) }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode === 200) resolve(Buffer.concat(chunks));
        else
          reject(
            new Error(`${url} answered ${response.statusCode}: ${Buffer.concat(chunks).toString("utf8", 0, 200)}`),
          );
      });
    });
    request.on("error", reject);
  });
}

const DURATION_COUNT = /^http_[a-z_]*duration[a-z_]*_count[{ ]/;

/** The series of the duration histogram in a plain exposition: one for each label set. */
export function countLabelSets(exposition: Buffer): number {
  let count = 0;
  // line by line: an exposition can be longer than the longest string
  for (let start = 0; start < exposition.length; ) {
    const end = exposition.indexOf(10, start);
    const line = exposition.toString("latin1", start, end === -1 ? exposition.length : end);
    if (DURATION_COUNT.test(line)) count++;
    start = end === -1 ? exposition.length : end + 1;
  }
  return count;
}
