/** The course of the demo: the shop under the preload, its visitors, and what /metrics has to say about them. */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { total } from "../../support/exposition.ts";
import { freePort } from "../../support/free-port.ts";
import { until } from "../../support/until.ts";
import type { Books } from "./books.ts";
import { differences } from "./differences.ts";
import { agreement, disagreement, introduction, progress, report } from "./presentation.ts";
import { type Scrape, scrape } from "./scrape.ts";
import { type ShopProcess, startShop } from "./shop-process.ts";
import { runTraffic, type Traffic, type Visitor } from "./traffic.ts";

const READY_MS = 15_000;
/** That a connection was cut, or that the last byte has left, is noticed a moment later than by the client. */
const AGREEMENT_MS = 2_000;
const PROGRESS_MS = 1_000;

export interface DemoOptions {
  /** Path of the script for `node --require`. */
  readonly preload: string;
  /** Of /metrics, if it is free; else another one. */
  readonly preferredPort: number;
  readonly visitors: Readonly<Partial<Record<Visitor, number>>>;
  /** The shop stays after the traffic, until `interrupted`. */
  readonly stay: boolean;
  readonly interrupted: AbortSignal;
  readonly print: (text: string) => void;
}

/**
 * Runs the demo, and stops the shop however it goes.
 *
 * @returns whether the client's books and /metrics agree.
 * @throws Error where the shop or its /metrics does not come up, a request fails, or the shop does not stop with code 0;
 *   the signal's reason where it is interrupted before there is a result.
 */
export async function demo({
  preload,
  preferredPort,
  visitors,
  stay,
  interrupted,
  print,
}: DemoOptions): Promise<boolean> {
  if (!existsSync(preload)) throw new Error(`${preload} is missing: "npm run build" makes it`);
  const port = await freePort(preferredPort);
  const metricsUrl = `http://localhost:${port}/metrics`;
  print(introduction(preload, port, preferredPort));

  const shop = await startShop(["--require", preload], shopEnvironment(port));
  const over = new AbortController();
  try {
    const visiting = visit({ address: shop.address, metricsUrl, visitors, print, signal: over.signal });
    const agreed = await Promise.race([visiting, unexpectedEnd(shop), interruption(interrupted)]);
    if (stay) {
      print(`The shop stays: ${shop.address}/products and ${metricsUrl}. Ctrl-C ends it.`);
      await Promise.race([aborted(interrupted), shop.exited]);
    }
    await shop.stop();
    return agreed;
  } catch (error) {
    over.abort(); // whoever is still in the shop leaves now
    await shop.stop().catch(() => {}); // the first failure says more than its consequences
    throw error;
  }
}

type Visit = Pick<DemoOptions, "visitors" | "print"> & {
  readonly address: string;
  readonly metricsUrl: string;
  readonly signal: AbortSignal;
};

async function visit({ address, metricsUrl, visitors, print, signal }: Visit): Promise<boolean> {
  await until(`an answer from ${metricsUrl}`, READY_MS, () => scrape(metricsUrl), signal);
  const traffic = await withProgress(runTraffic({ address, visitors, signal }), metricsUrl, print);
  const { scraped, found } = await compare(traffic.books, metricsUrl, signal);
  print(report(scraped, traffic, metricsUrl));
  print(found.length === 0 ? agreement(scraped.samples, traffic) : disagreement(found));
  return found.length === 0;
}

/** Looks at /metrics once a second, as Prometheus would. */
async function withProgress(
  running: Promise<Traffic>,
  metricsUrl: string,
  print: DemoOptions["print"],
): Promise<Traffic> {
  const startedAtMs = performance.now();
  while ((await Promise.race([running, sleep(PROGRESS_MS, undefined, { ref: false })])) === undefined) {
    const { samples } = await scrape(metricsUrl);
    const seconds = (performance.now() - startedAtMs) / 1000;
    print(progress(seconds, total(samples, "http_requests_total"), total(samples, "http_requests_active")));
  }
  return running;
}

/** The scrape that agrees with the books, or the last one before the deadline with what is wrong with it. */
async function compare(
  books: Books,
  metricsUrl: string,
  signal: AbortSignal,
): Promise<{ scraped: Scrape; found: string[] }> {
  const deadlineMs = performance.now() + AGREEMENT_MS;
  const result = async () => {
    const scraped = await scrape(metricsUrl);
    const found = differences(books, scraped.samples);
    return found.length === 0 || performance.now() > deadlineMs ? { scraped, found } : undefined;
  };
  return until("a scrape", READY_MS, result, signal);
}

async function unexpectedEnd(shop: ShopProcess): Promise<never> {
  throw new Error(`the shop ended by itself with ${await shop.exited}`);
}

async function interruption(interrupted: AbortSignal): Promise<never> {
  await aborted(interrupted);
  throw interrupted.reason;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}

/** What the caller has set for OpenTelemetry would change what there is to see; the choice of instrumentation is welcome. */
function shopEnvironment(metricsPort: number): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(OTEL|RED)_/.test(name) || name === "RED_HTTP_INSTRUMENTATION",
  );
  return { ...Object.fromEntries(inherited), PORT: "0", OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort) };
}
