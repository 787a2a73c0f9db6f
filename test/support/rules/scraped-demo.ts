/** The demo, scraped now and then: each scrape is taken for that of one minute, as input of `promtool test rules`. */
import type { Account, Books } from "../../apps/demo/books.ts";
import { scrape } from "../../apps/demo/scrape.ts";
import { type ShopProcess, startShop } from "../../apps/demo/shop-process.ts";
import { runTraffic, type Visitor } from "../../apps/demo/traffic.ts";
import { REGISTER } from "../app.ts";
import { type Sample, total } from "../exposition.ts";
import { freePort } from "../free-port.ts";
import { until } from "../until.ts";
import type { Scrape } from "./scrapes.ts";

const DEADLINE_MS = 30_000;
/** The shop takes longer for it than the test does: 20 ms a day. */
const LONG_REPORT = "/reports/sales?days=365";

export function count(books: readonly Books[], of: (account: Account) => boolean): number {
  return books
    .flatMap((each) => each.accounts())
    .filter(of)
    .reduce((sum, account) => sum + account.count, 0);
}

export class ScrapedDemo {
  /** One for each minute. */
  readonly scrapes: Scrape[] = [];
  /** One for each `visit`. */
  readonly books: Books[] = [];
  readonly #environment: NodeJS.ProcessEnv;
  #shop: ShopProcess | undefined;
  #metricsUrl = "";
  /** Of `books`, those of earlier processes. */
  #earlier = 0;

  /** @param environment on top of this process's */
  constructor(environment: NodeJS.ProcessEnv = {}) {
    this.#environment = environment;
  }

  /** Opens the shop, anew if it was open; a minute without any request. */
  async open(): Promise<void> {
    await this.close();
    const port = await freePort(0);
    this.#metricsUrl = `http://127.0.0.1:${port}/metrics`;
    this.#earlier = this.books.length;
    this.#shop = await startShop(["--require", REGISTER], {
      ...process.env,
      PORT: "0",
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
      OTEL_SERVICE_NAME: "shop",
      ...this.#environment,
    });
    await this.#scrapeOnce("/metrics answers", () => true);
  }

  /** A minute of which all the requests have ended. */
  async visit(visitors: Readonly<Partial<Record<Visitor, number>>>): Promise<void> {
    const seed = 1789 + 1000 * this.books.length; // other visitors each time, and the same in each run
    const { books } = await runTraffic({ address: this.#open.address, visitors, seed });
    this.books.push(books);
    const sent = count(this.books.slice(this.#earlier), () => true);
    // a request is counted a moment after the client has its answer
    await this.#scrapeOnce(`${sent} are counted`, (samples) => total(samples, "http_requests_total") === sent);
  }

  /** A minute at the end of which so many requests are in flight. */
  async hold(requests: number): Promise<void> {
    const leaving = new AbortController();
    const { address } = this.#open;
    const held = Array.from({ length: requests }, () => fetch(address + LONG_REPORT, { signal: leaving.signal }));
    try {
      await this.#scrapeOnce(
        `${requests} are in flight`,
        (samples) => total(samples, "http_requests_active") === requests,
      );
    } finally {
      leaving.abort();
      await Promise.allSettled(held);
    }
  }

  /** Minutes in which nothing changes. */
  pass(minutes: number): void {
    const last = this.scrapes.at(-1);
    for (let minute = 0; minute < minutes; minute++) this.scrapes.push(last);
  }

  /** Minutes in which nothing answers the scrape. */
  beDown(minutes: number): void {
    for (let minute = 0; minute < minutes; minute++) this.scrapes.push(undefined);
  }

  async close(): Promise<void> {
    await this.#shop?.stop();
    this.#shop = undefined;
  }

  get #open(): ShopProcess {
    if (this.#shop === undefined) throw new Error("the shop is closed");
    return this.#shop;
  }

  async #scrapeOnce(what: string, condition: (samples: readonly Sample[]) => boolean): Promise<void> {
    const { samples } = await until(what, DEADLINE_MS, async () => {
      const scraped = await scrape(this.#metricsUrl);
      return condition(scraped.samples) ? scraped : undefined;
    });
    this.scrapes.push(samples);
  }
}
