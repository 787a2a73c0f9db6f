/**
 * An application that has measured itself with prom-client until now, under the names that are ours, too: both endpoints
 * go on side by side, and say the same of what both count.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { FAMILIES, LABEL_METHOD, LABEL_STATUS_CODE } from "../../src/view/red.ts";
import { type App, INSTRUMENTATIONS, REGISTER, REPOSITORY, startApp } from "../support/app.ts";
import { type Exposition, parseExposition, type Sample, series, total } from "../support/exposition.ts";
import { until } from "../support/until.ts";

const APPS = join(REPOSITORY, "test/apps/prom-client");
const DEADLINE_MS = 15_000;
const COUNT = `${FAMILIES.duration.name}_count`;
const INFINITE = { le: "+Inf" };

/** What is asked for, how often. */
const TRAFFIC: readonly [method: string, path: string, times: number][] = [
  ["GET", "/users/1", 3],
  ["GET", "/users/2", 2],
  ["POST", "/orders", 4],
  ["GET", "/nope", 2],
  ["GET", "/health", 1],
  ["GET", "/metrics", 1],
];
const REQUESTS = 11;
/** `/health`, too: prom-client is told to leave out nothing but its own endpoint. */
const REQUESTS_OF_THEIRS = 12;

async function send(app: App): Promise<void> {
  for (const [method, path, times] of TRAFFIC)
    for (let time = 0; time < times; time++) await (await fetch(app.url + path, { method })).arrayBuffer();
}

/** Asks, and goes away before there is an answer. */
async function leave(app: App): Promise<void> {
  const leaving = new AbortController();
  const answer = assert.rejects(fetch(`${app.url}/slow`, { signal: leaving.signal }), { name: "AbortError" });
  const { samples } = await app.scrapeUntil(
    "the request is in flight",
    ({ samples }) => total(samples, FAMILIES.active.name) === 1,
  );
  assert.equal(series(samples, FAMILIES.aborted.name).length, 0);
  leaving.abort();
  await answer;
}

async function theirs(app: App): Promise<Exposition> {
  const response = await fetch(`${app.url}/metrics`);
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  return parseExposition(await response.text());
}

const theirsUntil = (app: App, requests: number) =>
  until(`prom-client counts ${requests}`, DEADLINE_MS, async () => {
    const exposition = await theirs(app);
    return total(exposition.samples, COUNT) === requests ? exposition : undefined;
  });
const oursUntil = (app: App, requests: number) =>
  app.scrapeUntil(`otel-red counts ${requests}`, ({ samples }) => total(samples, COUNT) === requests);

/** The values of a metric, by their labels. */
function values(samples: readonly Sample[], name: string, labels: Record<string, string> = {}): Map<string, number> {
  const entries = series(samples, name, labels)
    .filter(({ labels }) => labels.path !== "/health")
    .map(({ labels, value }) => [JSON.stringify(Object.entries(labels).sort()), value] as const);
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function sums(samples: readonly Sample[], name: string, by: readonly string[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { labels, value } of series(samples, name)) {
    const key = by.map((label) => labels[label]).join(" ");
    sums.set(key, (sums.get(key) ?? 0) + value);
  }
  return sums;
}

/** Families as prom-client heads them, and the series of those that do not come and go with time. */
function shapeOf({ families, samples }: Exposition) {
  const ofTime = (name: string) => /^(?:process|nodejs)_/.test(name);
  return {
    families: [...families],
    series: samples.filter(({ name }) => !ofTime(name)).map(({ name, labels }) => ({ name, labels })),
  };
}

for (const instrumentation of INSTRUMENTATIONS) {
  describe(`prom-client in the application, RED_HTTP_INSTRUMENTATION=${instrumentation}`, () => {
    let app: App | undefined;
    afterEach(async () => {
      await app?.stop();
      app = undefined;
    });

    const start = (script: string, flags: readonly string[] = ["--require", REGISTER]) =>
      startApp({
        args: [join(APPS, script)],
        flags,
        expectsMetrics: flags.length > 0,
        env: { OTEL_SERVICE_NAME: "shop", RED_HTTP_INSTRUMENTATION: instrumentation },
      });

    it("by hand, under the same names and labels: the same values", async () => {
      app = await start("by-hand.cjs");
      await send(app);
      const [{ samples: their }, { samples: our }] = [
        await theirsUntil(app, REQUESTS_OF_THEIRS),
        await oursUntil(app, REQUESTS),
      ];
      for (const { name } of [FAMILIES.requests, FAMILIES.errors]) {
        assert.ok(values(our, name).size > 1, name);
        assert.deepEqual(values(our, name), values(their, name), name);
      }
      assert.deepEqual(values(our, COUNT), values(their, COUNT));
      const bucket = `${FAMILIES.duration.name}_bucket`;
      assert.deepEqual(values(our, bucket, INFINITE), values(their, bucket, INFINITE));
      assert.deepEqual([total(our, FAMILIES.active.name), total(their, FAMILIES.active.name)], [0, 0]);
      assert.ok(total(our, FAMILIES.excluded.name) >= 2, "/health and the application's own /metrics");
    });

    it("its own registry is as it is without us, and neither endpoint shows what is the other's", async () => {
      const shapes = [];
      for (const flags of [[], ["--require", REGISTER]]) {
        app = await start("by-hand.cjs", flags);
        await send(app);
        shapes.push(shapeOf(await theirsUntil(app, REQUESTS_OF_THEIRS)));
        if (flags.length === 0) await app.stop();
      }
      assert.deepEqual(shapes[1], shapes[0]);
      const { families } = await (app as App).scrape();
      assert.ok(families.has("process_start_time_seconds"));
      assert.ok(!families.has("shop_orders_total"));
      assert.match((app as App).stderr(), /^otel-red: metrics are served on \S+\n$/);
    });

    it("on finish it does not count who goes away: a 499 with us, and nobody stays in flight", async () => {
      app = await start("by-hand.cjs");
      await leave(app);
      const { samples } = await oursUntil(app, 1);
      assert.equal(total(samples, COUNT, { [LABEL_STATUS_CODE]: "499" }), 1);
      const { samples: their } = await theirsUntil(app, 0);
      assert.equal(total(their, FAMILIES.active.name), 0);
    });

    it("as express-prom-bundle does it: the same number by method and status, whoever goes away included", async () => {
      app = await start("bundle.cjs");
      await leave(app);
      await send(app);
      const [{ samples: their }, { samples: our }] = [
        await theirsUntil(app, REQUESTS_OF_THEIRS + 1),
        await oursUntil(app, REQUESTS + 1),
      ];
      const counted = their.filter(({ labels }) => labels.path !== "/health");
      const by = [LABEL_METHOD, LABEL_STATUS_CODE];
      const sorted = (sums: Map<string, number>) => [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
      assert.deepEqual(sorted(sums(our, COUNT, by)), sorted(sums(counted, COUNT, by)));
      assert.equal(total(our, COUNT, { [LABEL_STATUS_CODE]: "499" }), 1);
    });
  });
}
