/**
 * Real Prometheus scrapes the demo, and is asked the questions of RED. The answers are held against the books of the
 * client that made the traffic.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { Books } from "../apps/demo/books.ts";
import { type ShopProcess, startShop } from "../apps/demo/shop-process.ts";
import { A_DAY_IN_THE_SHOP, runTraffic } from "../apps/demo/traffic.ts";
import { INSTRUMENTATIONS, REGISTER } from "../support/app.ts";
import { bucketOf, Clocks, durationsByPath, quantileBuckets, sumByPath } from "../support/books/durations.ts";
import { freePort } from "../support/free-port.ts";
import {
  checkMetrics,
  type PrometheusServer,
  SCRAPE_INTERVAL_SECONDS,
  type Series,
  scrapedAtSeconds,
  startPrometheus,
} from "../support/servers/prometheus.ts";
import { until } from "../support/until.ts";

const SCRAPED_MS = 30_000;
const SERVICE = 'service="shop"';

const byPath = (series: readonly Series[]) => new Map(series.map(({ metric, value }) => [metric.path ?? "", value]));

for (const instrumentation of INSTRUMENTATIONS) {
  describe(`Prometheus scrapes the demo, RED_HTTP_INSTRUMENTATION=${instrumentation}`, function () {
    this.timeout(120_000);

    let shop: ShopProcess;
    let prometheus: PrometheusServer;
    let metricsUrl: string;
    /** The traffic between the two instants, in seconds since the epoch, of the scrapes that had all there was. */
    let books: Books;
    let from: number;
    let to: number;

    const scrapedAll = (requests: number) =>
      scrapedAtSeconds(prometheus, `http_requests_total{${SERVICE}}`, requests, SCRAPED_MS);

    const requestsIn = (books: Books) => books.accounts().reduce((sum, { count }) => sum + count, 0);

    before(async () => {
      const port = await freePort(0);
      metricsUrl = `http://127.0.0.1:${port}/metrics`;
      shop = await startShop(["--require", REGISTER], {
        ...process.env,
        PORT: "0",
        OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
        RED_HTTP_INSTRUMENTATION: instrumentation,
      });
      prometheus = await startPrometheus([`127.0.0.1:${port}`]);
      await until("up == 1", SCRAPED_MS, async () =>
        (await prometheus.query("up == 1")).length === 1 ? true : undefined,
      );
      // rate() needs a sample of each series from before the traffic that it is asked about
      const visitors = Object.fromEntries(
        Object.entries(A_DAY_IN_THE_SHOP).map(([visitor, count]) => [visitor, Math.ceil(count / 3)]),
      );
      const warmUp = await runTraffic({ address: shop.address, visitors });
      from = await scrapedAll(requestsIn(warmUp.books));
      const traffic = await runTraffic({ address: shop.address, visitors, seed: 4711 });
      books = traffic.books;
      to = await scrapedAll(requestsIn(warmUp.books) + requestsIn(books));
    });

    after(async () => {
      await prometheus?.stop();
      await shop?.stop();
    });

    const window = () => `${Math.ceil(to - from) + 2 * SCRAPE_INTERVAL_SECONDS}s`;
    const gained = (selector: string, by = "path") =>
      `(sum by (${by}) (${selector}) - sum by (${by}) (${selector} @ ${from} or 0 * ${selector}))`;

    it("counts by path as the client does", async () => {
      const answer = byPath(await prometheus.query(gained(`http_requests_total{${SERVICE}}`), to));
      deepEqual(
        new Map([...answer].filter(([, value]) => value > 0).sort()),
        new Map([...sumByPath(books, ({ count }) => count)].sort()),
      );
    });

    it("rate() by path, within what a scrape interval at either end can hide", async () => {
      const answer = byPath(
        await prometheus.query(`sum by (path) (increase(http_requests_total{${SERVICE}}[${window()}]))`, to),
      );
      const share = (2 * SCRAPE_INTERVAL_SECONDS + 2) / (to - from);
      for (const [path, requests] of sumByPath(books, ({ count }) => count)) {
        const increase = answer.get(path) ?? 0;
        ok(
          Math.abs(increase - requests) <= requests * share + 1,
          `${path}: ${increase} in Prometheus, ${requests} in the books`,
        );
      }
    });

    it("error ratio by path, of the service's own errors and of all", async () => {
      for (const [selector, isError] of [
        [`status_code=~"5.."`, (status: number) => status >= 500],
        [`status_code=~"4..|5.."`, (status: number) => status >= 400],
      ] as const) {
        const errors = gained(`http_requests_total{${SERVICE},${selector}}`);
        const answer = byPath(await prometheus.query(`${errors} / ${gained(`http_requests_total{${SERVICE}}`)}`, to));
        const failed = sumByPath(books, ({ status, count }) => (isError(status) ? count : 0));
        for (const [path, count] of sumByPath(books, ({ count }) => count)) {
          const ratio = (failed.get(path) ?? 0) / count;
          ok(
            Math.abs((answer.get(path) ?? 0) - ratio) < 1e-9,
            `${path}: ${answer.get(path)} in Prometheus, ${ratio} in the books`,
          );
        }
      }
    });

    it("http_errors_total agrees with the requests whose status is an error", async () => {
      const answer = byPath(await prometheus.query(gained(`http_errors_total{${SERVICE}}`), to));
      const failed = sumByPath(books, ({ status, count }) => (status >= 400 ? count : 0));
      deepEqual(
        new Map([...answer].filter(([, value]) => value > 0).sort()),
        new Map([...failed].filter(([, value]) => value > 0).sort()),
      );
    });

    it("histogram_quantile(0.95, …) by path is the client's, less what the way there and back took", async () => {
      // not increase(): its window begins among the requests before these
      const buckets = gained(`http_request_duration_seconds_bucket{${SERVICE}}`, "path, le");
      const answer = byPath(await prometheus.query(`histogram_quantile(0.95, ${buckets})`, to));
      const durations = durationsByPath(books);
      equal(answer.size, durations.size);
      for (const [path, seconds] of durations) {
        const [least, most] = quantileBuckets(Clocks.of(books), 0.95, seconds);
        const theirs = bucketOf(answer.get(path) as number);
        ok(
          least <= theirs && theirs <= most,
          `${path}: ${answer.get(path)} in Prometheus, bucket ${least} to ${most} in the books`,
        );
      }
    });

    it("nothing is in flight", async () => {
      const active = await prometheus.query(`http_requests_active{${SERVICE}}`, to);
      ok(active.length > 0);
      deepEqual(
        active.filter(({ value }) => value !== 0),
        [],
      );
    });

    it("promtool has nothing to say about the exposition", async () => {
      equal(checkMetrics(await (await fetch(metricsUrl)).text()), "");
    });
  });
}
