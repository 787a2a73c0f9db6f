/**
 * One traffic, and its RED metrics by three ways into a current Prometheus: scraped from /metrics, pushed to an
 * OpenTelemetry Collector whose Prometheus exporter is scraped, and pushed to Prometheus itself. Whoever asks there
 * cannot tell which.
 *
 * Not part of `npm test`, as Prometheus takes its minutes to build: `npm run test:e2e:otlp`.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { FAMILIES } from "../../src/view/red.ts";
import { type App, REPOSITORY, startApp } from "../support/app.ts";
import { type Collector, collectorProgram, startCollector } from "../support/servers/collector.ts";
import { currentPrometheusProgram, startCurrentPrometheus } from "../support/servers/current-prometheus.ts";
import { BUILD_MS } from "../support/servers/go-program.ts";
import type { PrometheusServer, Series } from "../support/servers/prometheus.ts";
import { startTee, type Tee } from "../support/servers/tee.ts";
import { until } from "../support/until.ts";

const SERVER = join(REPOSITORY, "test/apps/otlp/server.cjs");
const DEADLINE_MS = 60_000;
const REPLICAS = 2;
const { requests, errors, duration, active } = FAMILIES;

/** One round of it, to one replica. */
const TRAFFIC: readonly (readonly [url: string, times: number])[] = [
  ["/users/1", 6],
  ["/users/4711", 2],
  ["/missing", 3],
  ["/broken", 1],
];
const ROUND = TRAFFIC.reduce((sum, [, times]) => sum + times, 0);
const ROUNDS = 20;

async function generate(app: App): Promise<void> {
  for (const [url, times] of TRAFFIC) {
    for (let time = 0; time < times; time++) await (await fetch(app.url + url)).text();
  }
}

/** The answer as `labels value`, in order. */
const rows = (series: readonly Series[], shown: (value: number) => string | number = (value) => value) =>
  series.map(({ metric, value }) => `${JSON.stringify(Object.entries(metric).sort())} ${shown(value)}`).sort();

describe("three ways into Prometheus", function () {
  this.timeout(BUILD_MS);
  this.slow(BUILD_MS);

  const apps: App[] = [];
  let collector: Collector;
  let tee: Tee;
  /** By the way in which the metrics have come. */
  const ways = new Map<string, PrometheusServer>();

  before(async () => {
    collectorProgram();
    currentPrometheusProgram();
    collector = await startCollector();
    const pushed = await startCurrentPrometheus([]);
    ways.set("pushed", pushed);
    tee = await startTee([collector.httpUrl, `${pushed.url}/api/v1/otlp`]);
    for (let replica = 0; replica < REPLICAS; replica++) {
      apps.push(
        await startApp({
          args: [SERVER],
          env: {
            OTEL_SERVICE_NAME: "shop",
            OTEL_METRICS_EXPORTER: "prometheus,otlp",
            OTEL_METRIC_EXPORT_INTERVAL: "1000",
            OTEL_EXPORTER_OTLP_ENDPOINT: tee.url,
          },
        }),
      );
    }
    ways.set("scraped", await startCurrentPrometheus(apps.map((app) => new URL(app.metricsUrl).host)));
    ways.set("collected", await startCurrentPrometheus([collector.prometheusTarget]));

    // rates are of what comes after the first sample of a series
    for (const app of apps) await generate(app);
    await allShow(REPLICAS * ROUND);
    for (let round = 0; round < ROUNDS; round++) for (const app of apps) await generate(app);
    await allShow(REPLICAS * ROUND * (ROUNDS + 1));
  });

  after(async () => {
    for (const stoppable of [...apps, ...ways.values(), collector, tee]) await stoppable?.stop();
  });

  async function allShow(count: number): Promise<void> {
    for (const [way, prometheus] of ways) {
      await until(`${way}: ${count} requests`, DEADLINE_MS, async () => {
        const [sum] = await prometheus.query(`sum(${requests.name})`);
        if (sum?.value !== count) throw new Error(`it has ${sum?.value}`);
        return true;
      });
    }
  }

  async function answers(promql: string, shown?: (value: number) => string | number): Promise<Map<string, string[]>> {
    const found = new Map<string, string[]>();
    for (const [way, prometheus] of ways) found.set(way, rows(await prometheus.query(promql), shown));
    return found;
  }

  /** All three gave this one answer. */
  async function assertSame(promql: string): Promise<void> {
    await until(`the same answers to ${promql}`, DEADLINE_MS, async () => {
      const { scraped, pushed, collected } = Object.fromEntries(await answers(promql));
      assert.ok((scraped as string[]).length > 0, "there is an answer");
      assert.deepEqual(pushed, scraped);
      assert.deepEqual(collected, scraped);
      return true;
    });
  }

  const all = "path, service, method, status_code";
  for (const promql of [
    `sum by (${all}) (${requests.name})`,
    `sum by (${all}) (${errors.name})`,
    `sum by (path, service, method) (${active.name})`,
    // what Prometheus scrapes as le="1" it keeps as le="1.0", and what it is sent as a number, as le="1"
    `sum by (${all}, le) (label_replace(${duration.name}_bucket, "le", "$1", "le", "(.+)[.]0"))`,
    `sum by (${all}) (${duration.name}_count)`,
    // since the start, and so of the very same requests
    `sum by (path, service) (${errors.name}) / sum by (path, service) (${requests.name})`,
    `histogram_quantile(0.95, sum by (le, path, service) (${duration.name}_bucket))`,
    // one series for each replica: they do not merge
    `count by (${all}) (${requests.name})`,
  ]) {
    it(promql, () => assertSame(promql));
  }

  it("no other labels than these, but for job and instance", async () => {
    for (const [way, prometheus] of ways) {
      for (const { name, labels } of [
        { name: requests.name, labels: ["method", "path", "service", "status_code"] },
        { name: errors.name, labels: ["method", "path", "service", "status_code"] },
        { name: active.name, labels: ["method", "path", "service"] },
        { name: `${duration.name}_bucket`, labels: ["le", "method", "path", "service", "status_code"] },
      ]) {
        for (const { metric } of await prometheus.query(name)) {
          const { __name__, job: _, instance: __, ...others } = metric;
          assert.deepEqual([way, Object.keys(others).sort()], [way, labels]);
        }
      }
    }
  });

  // Prometheus extrapolates from the times of the samples, which each way has of its own
  for (const { what, promql, within } of [
    { what: "rate", promql: `sum by (path, service) (rate(${requests.name}[5m]))`, within: 0.3 },
    {
      what: "error ratio",
      promql: `sum by (path, service) (rate(${errors.name}[5m])) / sum by (path, service) (rate(${requests.name}[5m]))`,
      within: 0.05,
    },
    {
      what: "p95",
      promql: `histogram_quantile(0.95, sum by (le, path, service) (rate(${duration.name}_bucket[5m])))`,
      within: 0.05,
    },
  ]) {
    it(`${what} over the last minutes, within ${within * 100} %: ${promql}`, async () => {
      // the more samples, the less the times of the first and the last one matter
      await until("the ways agree", DEADLINE_MS, async () => {
        const byWay = await Promise.all([...ways.values()].map((prometheus) => prometheus.query(promql)));
        const labelsOf = (series: readonly Series[]) => series.map(({ metric }) => JSON.stringify(metric)).sort();
        for (const series of byWay) assert.deepEqual(labelsOf(series), labelsOf(byWay[0] as Series[]));
        for (const { metric } of byWay[0] as Series[]) {
          const values = byWay.map(
            (series) =>
              series.find((each) => JSON.stringify(each.metric) === JSON.stringify(metric))?.value ?? Number.NaN,
          );
          assert.ok(
            Math.max(...values) - Math.min(...values) <= within * Math.max(...values),
            `${JSON.stringify(metric)}: ${values.join(" ")}`,
          );
        }
        return true;
      });
    });
  }
});
