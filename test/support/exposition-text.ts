/** An exposition as a scraper reads it. */
import type { exposition } from "../../src/exporter/prometheus/exposition.ts";

/** Each page is good only until the next one. */
export function textOf(pages: ReturnType<typeof exposition>): string {
  let text = "";
  for (const page of pages) text += Buffer.from(page).toString();
  return text;
}
