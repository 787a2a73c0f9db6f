import { parseExposition, type Sample } from "../../support/exposition.ts";

export interface Scrape {
  readonly text: string;
  readonly samples: readonly Sample[];
}

/** @throws Error where /metrics does not answer with 200 and a valid text exposition. */
export async function scrape(metricsUrl: string): Promise<Scrape> {
  const response = await fetch(metricsUrl, { headers: { accept: "text/plain; version=0.0.4" } });
  const text = await response.text();
  if (!response.ok) throw new Error(`${metricsUrl} answers ${response.status}`);
  return { text, samples: parseExposition(text).samples };
}
