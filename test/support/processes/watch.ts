/** Scrapes a page again and again, and notes each series of a summed family that goes down, and each time without a page. */
import { type Exposition, parseExposition } from "../exposition.ts";

interface Watched {
  readonly scrapes: number;
  /** A line for each series that was lower or not there any more. */
  readonly decreases: readonly string[];
  /** The longest time between two pages, from the end of one to the end of the next. */
  readonly longestGapMs: number;
  /** The longest time that a scrape with a page took. */
  readonly longestScrapeMs: number;
}

/** `await using` ends it where a test fails. */
export interface Watch extends AsyncDisposable {
  /** From now on: what happened since the start, or since the former call. */
  stop(): Promise<Watched>;
}

const SCRAPE_MS = 15_000;
/** Prometheus cannot sum these of several processes: they are told apart by `worker`, and go with it. */
const OF_EACH_PROCESS = /^(process|nodejs)_/;

/** Of the families that are sums over all members and never go down. */
function countersOf({ families, samples }: Exposition): Map<string, number> {
  const counters = new Map<string, number>();
  for (const { name, labels, value } of samples) {
    const family = families.get(name) ?? families.get(name.replace(/_(bucket|sum|count)$/, ""));
    if ((family?.type !== "counter" && family?.type !== "histogram") || OF_EACH_PROCESS.test(name)) continue;
    counters.set(`${name} ${JSON.stringify(Object.entries(labels).sort())}`, value);
  }
  return counters;
}

export function startWatch(port: number, everyMs = 60): Watch {
  let stopped = false;
  const seen = new Map<string, number>();
  const decreases: string[] = [];
  let scrapes = 0;
  let longestGapMs = 0;
  let longestScrapeMs = 0;
  let lastPageAtMs = performance.now();

  async function scrape(): Promise<void> {
    const startedAtMs = performance.now();
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(SCRAPE_MS) });
    const text = await response.text();
    if (response.status !== 200) return;
    const endedAtMs = performance.now();
    scrapes += 1;
    longestScrapeMs = Math.max(longestScrapeMs, endedAtMs - startedAtMs);
    longestGapMs = Math.max(longestGapMs, endedAtMs - lastPageAtMs);
    lastPageAtMs = endedAtMs;
    const counters = countersOf(parseExposition(text));
    for (const [series, before] of seen) {
      const now = counters.get(series);
      if (now === undefined || now < before) decreases.push(`scrape ${scrapes}: ${series}: ${before}, then ${now}`);
    }
    for (const [series, value] of counters) seen.set(series, value);
  }

  const loop = (async () => {
    while (!stopped) {
      await scrape().catch((error: unknown) => {
        // nobody listens, or the serving process dies in the middle: a gap. A page that is not to be parsed is a fault
        if (error instanceof Error && error.name === "ExpositionError") decreases.push(error.message);
      });
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  })();
  const stop = async () => {
    stopped = true;
    await loop;
    return { scrapes, decreases, longestGapMs, longestScrapeMs };
  };
  return { stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}
