/**
 * The questions of otel-config/README.md, asked of a real Prometheus that has scraped the demo, and held against the books of
 * the client that made the traffic. Only their ranges are changed, to the time of the traffic: there is no hour to wait.
 */
import { deepEqual } from "node:assert/strict";
import { Books } from "../apps/demo/books.ts";
import { type ShopProcess, startShop } from "../apps/demo/shop-process.ts";
import { runTraffic, type Visitor } from "../apps/demo/traffic.ts";
import { REGISTER } from "../support/app.ts";
import { sumByPath } from "../support/books/durations.ts";
import { freePort } from "../support/free-port.ts";
import { ANSWERS, type Watched } from "../support/otel-config/answers.ts";
import { codeBlocks } from "../support/otel-config/guide.ts";
import {
  type PrometheusServer,
  SCRAPE_INTERVAL_SECONDS,
  type Series,
  scrapedAtSeconds,
  startPrometheus,
} from "../support/servers/prometheus.ts";
import { until } from "../support/until.ts";

const DEADLINE_MS = 30_000;
/** As long as a rate remembers where it is asked for many times over. */
const RATE_SECONDS = 5;

type Visitors = Readonly<Partial<Record<Visitor, number>>>;
const FINE: Visitors = {
  browser: 40,
  accountant: 10,
  stranger: 3,
  scanner: 4,
  impatient: 3,
  leaver: 2,
  loadBalancer: 3,
};
const FAILING: Visitors = { ...FINE, buyer: 50 };

const nowSeconds = () => Date.now() / 1000;

describe("the questions of otel-config/README.md", function () {
  this.timeout(180_000);

  const questions = codeBlocks("promql");
  let shop: ShopProcess;
  let prometheus: PrometheusServer;
  let watched: Watched;
  let endedAtSeconds: number;

  before(async () => {
    const port = await freePort(0);
    shop = await startShop(["--require", REGISTER], {
      ...process.env,
      PORT: "0",
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
    });
    prometheus = await startPrometheus([`127.0.0.1:${port}`]);
    const books = new Books();
    const visit = async (visitors: Visitors, seed: number): Promise<Books> => {
      const traffic = await runTraffic({ address: shop.address, visitors, seed });
      return traffic.books;
    };
    const seenAtSeconds = (requests: number) =>
      scrapedAtSeconds(prometheus, "http_requests_total", requests, DEADLINE_MS);

    // a rate needs a sample of each series from before the traffic that it is asked about
    const before = await visit(FAILING, 1);
    await seenAtSeconds(requestsIn(before));
    const quiet = `sum(rate(http_requests_total[${RATE_SECONDS}s])) == 0`;
    await until(quiet, DEADLINE_MS, async () => ((await prometheus.query(quiet)).length === 1 ? true : undefined));
    // nothing happens since then, and each series has a sample of that time, however long ago the last scrape is
    const startedAtSeconds = (await seenAtSeconds(requestsIn(before))) - SCRAPE_INTERVAL_SECONDS;

    const fine = await visit(FINE, 2);
    const failingFromSeconds = nowSeconds();
    const failing = await visit(FAILING, 3);
    const failedBySeconds = nowSeconds() + RATE_SECONDS;
    endedAtSeconds = await seenAtSeconds(requestsIn(before, fine, failing));
    for (const part of [fine, failing]) books.add(part);
    watched = {
      books,
      durationSeconds: Math.ceil(endedAtSeconds - startedAtSeconds),
      failingFromSeconds,
      failedBySeconds,
    };
  });

  after(async () => {
    await prometheus?.stop();
    await shop?.stop();
  });

  /** `[6h:1m]` is asked for many times over, about rates that have to forget in between. */
  function ask(promql: string): Promise<Series[]> {
    const range = `${watched.durationSeconds}s`;
    const changed = promql.includes("[6h:1m]")
      ? promql.replace("[6h:1m]", `[${range}:1s]`).replaceAll("[5m]", `[${RATE_SECONDS}s]`)
      : promql.replace(/\[(5m|1h)\]/g, `[${range}]`);
    return prometheus.query(changed, endedAtSeconds);
  }

  it("are all of those that have an answer here", () => deepEqual([...questions.keys()], Object.keys(ANSWERS)));

  for (const [question, promql] of questions) it(question, async () => ANSWERS[question]?.(await ask(promql), watched));
});

function requestsIn(...books: readonly Books[]): number {
  return books
    .flatMap((each) => [...sumByPath(each, ({ count }) => count).values()])
    .reduce((sum, count) => sum + count, 0);
}
