/** Real Prometheus scrapes a cluster under load, whose workers die in all ways, the serving one too. */
import assert from "node:assert/strict";
import { type PrometheusServer, type Series, scrapedAtSeconds, startPrometheus } from "../servers/prometheus.ts";
import { until } from "../until.ts";
import { type Answer, Books, startLoad } from "./books.ts";
import { DEATHS } from "./kill-table.ts";
import { differencesOf, lastMomentsOf, pageEqualsBooks, servingPid } from "./page.ts";
import { isAlive, type Service, startMortals } from "./service.ts";

const WORKERS = 3;
const REQUESTS_BETWEEN_DEATHS = 200;
const DEADLINE_MS = 30_000;
const TARGETS = ["/work/1", "/fail", "/missing"];
const SUMMED = [
  "http_requests_total",
  "http_errors_total",
  "http_requests_aborted_total",
  "http_request_duration_seconds_count",
  "http_request_duration_seconds_bucket",
  "http_request_duration_seconds_sum",
  "otel_red_path_source_total",
  "app_jobs_total",
  "app_seen_total",
  "app_size_bucket",
  "app_size_sum",
];

const keyOf = ({ metric }: Series) => `${metric.method} ${metric.status_code} ${metric.path}`;

export function describeChurn(seconds: number): void {
  describe(`Prometheus scrapes a cluster for ${seconds} s in which its workers die`, function churn() {
    this.timeout(seconds * 1_000 + 180_000);
    let service: Service;
    let prometheus: PrometheusServer;
    const books = new Books();
    const kills: ((answer: Answer) => boolean)[] = [];
    const mayBeLost = (answer: Answer) => kills.some((isLost) => isLost(answer));
    let deaths = 0;
    /** Seconds since the epoch, of the first and the last scrape. */
    let from: number;
    let to: number;

    before(async () => {
      service = await startMortals(WORKERS);
      const { metricsPort, urls } = service;
      prometheus = await startPrometheus([`127.0.0.1:${metricsPort}`]);
      const first = new Books();
      for (const target of TARGETS) await first.askMany(urls, 4, target);
      from = await scrapedAtSeconds(prometheus, "http_requests_total", first.answers.length, DEADLINE_MS);

      await using load = startLoad(books, () => urls, 4, 10);
      const endMs = performance.now() + seconds * 1_000;
      for (let i = 0; performance.now() < endMs; i++) {
        const { signal, loses } = DEATHS[i % DEATHS.length] as (typeof DEATHS)[number];
        await kill(signal, loses, i % 2 === 0);
      }
      await load.stop();
      await service.joined(WORKERS);
      // Prometheus has what the page has
      const all = new Books();
      all.answers.push(...first.answers, ...books.answers);
      all.failures.push(...books.failures);
      const { samples } = await pageEqualsBooks(metricsPort, all, { mayBeLost });
      const counted = samples.filter(({ name }) => name === "http_requests_total");
      const sum = counted.reduce((total, { value }) => total + value, 0);
      to = await scrapedAtSeconds(prometheus, "http_requests_total", sum, DEADLINE_MS);
    });
    after(async () => {
      await prometheus?.stop();
      await service?.stop();
    });

    /** One dies at a time: the next one when all are back. */
    async function kill(signal: NodeJS.Signals, loses: boolean, isServing: boolean): Promise<void> {
      const answered = books.answers.length;
      await until("there is something to lose", DEADLINE_MS, async () => {
        return books.answers.length > answered + REQUESTS_BETWEEN_DEATHS || undefined;
      });
      const serving = servingPid(await service.joined(WORKERS));
      const doomed = isServing ? serving : service.children().find((pid) => pid !== serving);
      assert.ok(doomed);
      if (loses) kills.push(lastMomentsOf(`${doomed}.0`, performance.now()));
      process.kill(doomed, signal);
      await until(`${signal} has ended it`, DEADLINE_MS, async () => !isAlive(doomed) || undefined);
      deaths += 1;
    }

    it("last minus first sample is what the client's books say, by route and status", async () => {
      const before = new Map(
        (await prometheus.query("http_requests_total", from)).map((each) => [keyOf(each), each.value]),
      );
      const after = await prometheus.query("http_requests_total", to);
      const gained = new Map(after.map((each) => [keyOf(each), each.value - (before.get(keyOf(each)) ?? 0)]));
      assert.deepEqual(differencesOf(gained, books, mayBeLost), []);
      // a machine that is too slow for this has not shown much
      assert.ok(deaths > seconds / 10, `${deaths} deaths`);
    });

    for (const family of SUMMED)
      it(`resets(${family}) is 0`, async () => {
        const found = await prometheus.query(`resets(${family}[${Math.ceil(to - from) + 60}s]) > 0`, to);
        assert.deepEqual(found, []);
      });

    it("Prometheus was answered at nearly each scrape", async () => {
      const [up] = await prometheus.query(`avg_over_time(up[${Math.ceil(to - from)}s])`, to);
      assert.ok((up?.value ?? 0) > 0.6, `${up?.value}`);
    });
  });
}
