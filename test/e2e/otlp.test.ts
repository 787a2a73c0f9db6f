/** The same traffic, scraped from /metrics and pushed through a real OpenTelemetry Collector: the same answers. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { FAMILIES } from "../../src/view/red.ts";
import { type App, REPOSITORY, startApp } from "../support/app.ts";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { type Exposition, series, total } from "../support/exposition.ts";
import { attributesOf, type OtlpPoint } from "../support/otlp-json.ts";
import { type Collector, collectorProgram, startCollector } from "../support/servers/collector.ts";
import { BUILD_MS } from "../support/servers/go-program.ts";
import { until } from "../support/until.ts";

const SERVER = join(REPOSITORY, "test/apps/otlp/server.cjs");
const ENDING = join(REPOSITORY, "test/apps/otlp/ending.cjs");
const DEADLINE_MS = 30_000;
const EVERY = { OTEL_METRIC_EXPORT_INTERVAL: "200" };

const PROTOCOLS = ["http/protobuf", "http/json", "grpc"] as const;
type Protocol = (typeof PROTOCOLS)[number];

const RED = [FAMILIES.requests, FAMILIES.errors, FAMILIES.duration, FAMILIES.active];

/** What the client asks for, and so knows. */
const TRAFFIC: readonly (readonly [url: string, path: string, status: string, times: number])[] = [
  ["/users/1", "/users/:id", "200", 7],
  ["/users/4711", "/users/:id", "200", 2],
  ["/missing", "/missing", "404", 3],
  ["/broken", "/broken", "500", 1],
];
const REQUESTS = TRAFFIC.reduce((sum, [, , , times]) => sum + times, 0);

async function generate(app: App): Promise<void> {
  for (const [url, , , times] of TRAFFIC) {
    for (let time = 0; time < times; time++) await (await fetch(app.url + url)).text();
  }
}

/** The books of the client, after so many rounds of its traffic: requests by path and status. */
function books(rounds: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [, path, status, times] of TRAFFIC) {
    counts[`${path} ${status}`] = (counts[`${path} ${status}`] ?? 0) + times * rounds;
  }
  return counts;
}

function over(protocol: Protocol, collector: Collector): NodeJS.ProcessEnv {
  return {
    ...EVERY,
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    OTEL_EXPORTER_OTLP_ENDPOINT: protocol === "grpc" ? collector.grpcUrl : collector.httpUrl,
  };
}

/** Type, help and series of the RED families, without what only a scrape of a collector adds. */
function redOf({ families, samples }: Exposition, service: string): unknown {
  return RED.map(({ name }) => ({
    name,
    type: families.get(name)?.type,
    help: families.get(name)?.help,
    series: samples
      .filter((sample) => sample.name.replace(/_(bucket|sum|count)$/, "") === name && sample.labels.service === service)
      .map(({ name, labels: { job: _, instance: __, ...labels }, value }) => [
        name,
        ...Object.entries(labels).sort().flat(),
        value,
      ])
      .map((row) => row.join(" "))
      .sort(),
  }));
}

async function shownBy(collector: Collector, service: string, requests: number): Promise<Exposition> {
  return until(`the collector shows ${requests} requests of ${service}`, DEADLINE_MS, async () => {
    const exposition = await collector.scrape();
    const shown = total(exposition.samples, FAMILIES.requests.name, { service });
    if (shown !== requests) throw new Error(`it shows ${shown}`);
    return exposition;
  });
}

describe("OTLP to an OpenTelemetry Collector", () => {
  let collector: Collector;
  before(async function () {
    this.timeout(BUILD_MS);
    collectorProgram();
    collector = await startCollector();
  });
  after(() => collector?.stop());

  for (const protocol of PROTOCOLS) {
    it(`${protocol}: its Prometheus exporter shows what /metrics shows`, async () => {
      const service = `same-${protocol.replace("/", "-")}`;
      const env = {
        ...over(protocol, collector),
        OTEL_METRICS_EXPORTER: "prometheus,otlp",
        OTEL_SERVICE_NAME: service,
      };
      const app = await startApp({ args: [SERVER], env });
      try {
        await generate(app);
        const pushed = await shownBy(collector, service, REQUESTS);
        const scraped = await app.scrapeUntil(
          "all are counted",
          ({ samples }) => total(samples, FAMILIES.requests.name) === REQUESTS,
        );
        // the export that brought the last request may have been taken before that one's gauge was back at 0
        await until("both show the same", DEADLINE_MS, async () => {
          assert.deepEqual(redOf(await collector.scrape(), service), redOf(scraped, service));
          return true;
        });
        assert.equal(total(pushed.samples, FAMILIES.errors.name, { service }), 4);
        await until("the units are known", DEADLINE_MS, async () => {
          const units = collector
            .exports()
            .filter(({ resource }) => resource["service.name"] === service)
            .flatMap(({ metrics }) => metrics.map(({ name, unit }) => `${name} ${unit}`));
          for (const { name, unit } of RED) assert.ok(units.includes(`${name} ${unit}`), units.join());
          return true;
        });
      } finally {
        await app.stop();
      }
    });
  }

  for (const protocol of PROTOCOLS) {
    it(`${protocol}: process.exit() leaves the last counts with it`, async function () {
      // a machine that is busy elsewhere may need more than the second that there is
      this.retries(3);
      const service = `exit-${protocol.replace("/", "-")}-${performance.now()}`;
      const env = {
        ...over(protocol, collector),
        OTEL_METRIC_EXPORT_INTERVAL: "3600000",
        OTEL_METRICS_EXPORTER: "otlp",
        OTEL_LOG_LEVEL: "warn",
        OTEL_SERVICE_NAME: service,
        ENDING: "exit",
      };
      const app = await startApp({ args: [ENDING], env, expectsMetrics: false });
      await (await fetch(`${app.url}/users/1`)).text();
      await (await fetch(`${app.url}/end`)).text();
      assert.equal(await app.exited, 3);
      await shownBy(collector, service, 2);
    });
  }

  it("a switch by environment variables leaves the names and labels as they were", async () => {
    const common = { OTEL_SERVICE_NAME: "switched" };
    const before = await startApp({ args: [SERVER], env: common });
    const labelsOf = ({ samples }: Exposition) =>
      RED.map(({ name }) =>
        series(samples, name, { service: "switched" }).map(({ labels: { job: _, instance: __, ...labels } }) => labels),
      ).map((labels) => labels.map((each) => JSON.stringify(Object.entries(each).sort())).sort());
    let scraped: Exposition;
    try {
      await generate(before);
      scraped = await before.scrapeUntil(
        "all are counted",
        ({ samples }) => total(samples, FAMILIES.requests.name) === REQUESTS,
      );
    } finally {
      await before.stop();
    }
    const env = {
      ...common,
      ...over("http/protobuf", collector),
      OTEL_METRICS_EXPORTER: "otlp",
      OTEL_LOG_LEVEL: "warn",
    };
    const after = await startApp({ args: [SERVER], env, expectsMetrics: false });
    try {
      await generate(after);
      const pushed = await shownBy(collector, "switched", REQUESTS);
      assert.deepEqual(labelsOf(pushed), labelsOf(scraped));
      assert.equal(after.stderr(), "", "no endpoint is announced, and nothing else is said");
    } finally {
      await after.stop();
    }
  });

  it("two instances of one service do not merge", async () => {
    const env = {
      ...over("http/protobuf", collector),
      OTEL_METRICS_EXPORTER: "otlp",
      OTEL_LOG_LEVEL: "warn",
      OTEL_SERVICE_NAME: "twins",
    };
    const apps = await Promise.all([1, 2].map(() => startApp({ args: [SERVER], env, expectsMetrics: false })));
    try {
      for (const app of apps) await generate(app);
      const { samples } = await shownBy(collector, "twins", 2 * REQUESTS);
      const missing = series(samples, FAMILIES.requests.name, { service: "twins", path: "/missing" });
      assert.deepEqual(
        missing.map(({ value }) => value),
        [3, 3],
      );
      assert.equal(new Set(missing.map(({ labels }) => labels.instance)).size, 2);
    } finally {
      await Promise.all(apps.map((app) => app.stop()));
    }
  });

  for (const { preference, temporality } of [
    { preference: "cumulative", temporality: 2 },
    { preference: "delta", temporality: 1 },
    { preference: "lowmemory", temporality: 1 },
  ]) {
    it(`${preference}: what was exported adds up to the client's own books, and /metrics stays as it is`, async () => {
      const service = `books-${preference}`;
      const env = {
        ...over("http/protobuf", collector),
        OTEL_METRICS_EXPORTER: "otlp,prometheus",
        OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: preference,
        OTEL_SERVICE_NAME: service,
      };
      const app = await startApp({ args: [SERVER], env });
      /** Of all points exported so far: added up, or the last one of each series. */
      const exported = (name: string, counted: (point: OtlpPoint) => number): Record<string, number> => {
        const values: Record<string, number> = {};
        for (const { resource, metrics } of collector.exports()) {
          if (resource["service.name"] !== service) continue;
          for (const metric of metrics.filter((metric) => metric.name === name)) {
            const { aggregationTemporality, dataPoints } = metric.sum ?? metric.histogram ?? { dataPoints: [] };
            assert.equal(aggregationTemporality, temporality);
            for (const point of dataPoints) {
              const { path, status_code } = attributesOf(point);
              const key = `${path} ${status_code}`;
              values[key] = (temporality === 1 ? (values[key] ?? 0) : 0) + counted(point);
            }
          }
        }
        return values;
      };
      const agree = (rounds: number) =>
        until("the books agree", DEADLINE_MS, async () => {
          assert.deepEqual(
            exported(FAMILIES.requests.name, ({ asInt }) => Number(asInt)),
            books(rounds),
          );
          return true;
        });
      try {
        await generate(app);
        await agree(1);
        await generate(app);
        await agree(2);
        for (const counted of [
          ({ count }: OtlpPoint) => Number(count),
          ({ bucketCounts = [] }: OtlpPoint) => bucketCounts.reduce((sum, count) => sum + Number(count), 0),
        ]) {
          assert.deepEqual(exported(FAMILIES.duration.name, counted), books(2));
        }
        const { samples } = await app.scrape();
        assert.equal(total(samples, FAMILIES.requests.name), 2 * REQUESTS);
      } finally {
        await app.stop();
      }
    });
  }
});

describe("OTLP to a collector that asks who is there", () => {
  let certificates: Certificates;
  let collector: Collector;
  before(async function () {
    this.timeout(BUILD_MS);
    certificates = makeCertificates();
    const tls = { ...certificates.server, clientCa: certificates.ca };
    collector = await startCollector({ tls, token: "secret" });
  });
  after(async () => {
    await collector?.stop();
    certificates?.remove();
  });

  const credentials = (): NodeJS.ProcessEnv => ({
    OTEL_METRICS_EXPORTER: "otlp",
    OTEL_LOG_LEVEL: "warn",
    OTEL_EXPORTER_OTLP_CERTIFICATE: certificates.ca,
    OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: certificates.client.cert,
    OTEL_EXPORTER_OTLP_CLIENT_KEY: certificates.client.key,
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20secret",
    OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
  });

  for (const protocol of PROTOCOLS) {
    it(`${protocol}: own authority, client certificate, header, gzip`, async () => {
      const service = `secured-${protocol.replace("/", "-")}`;
      const env = { ...over(protocol, collector), ...credentials(), OTEL_SERVICE_NAME: service };
      const app = await startApp({ args: [SERVER], env, expectsMetrics: false });
      try {
        await generate(app);
        await shownBy(collector, service, REQUESTS);
        assert.equal(app.stderr(), "");
      } finally {
        await app.stop();
      }
    });

    for (const { without, says } of [
      { without: "OTEL_EXPORTER_OTLP_HEADERS", says: /401|UNAUTHENTICATED/ },
      { without: "OTEL_EXPORTER_OTLP_CERTIFICATE", says: /certificate/ },
    ]) {
      it(`${protocol}, without ${without}: one line, and the application goes on`, async () => {
        const env = { ...over(protocol, collector), ...credentials(), [without]: "" };
        const app = await startApp({ args: [SERVER], env, expectsMetrics: false });
        try {
          await until("it is said", DEADLINE_MS, async () => app.stderr().includes("\n") || undefined);
          await generate(app);
          assert.match(
            app.stderr(),
            /^otel-red: exports to .* fail: .*\. Counts are kept while the process runs, .*\n$/,
          );
          assert.match(app.stderr(), says);
        } finally {
          await app.stop();
        }
      });
    }
  }
});
