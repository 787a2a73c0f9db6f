/**
 * The books of a client under a mixed load, and the exposition: they agree to the last request. Scrapes go on all the
 * while, and each of them agrees with itself and with the one before.
 *
 * `BOOKS_SEED` is another load; `TEST_NODE` another Node for the application.
 */
import assert from "node:assert/strict";
import { type App, INSTRUMENTATIONS, startApp } from "../support/app.ts";
import { activeRequests, assertIdentities, assertMonotonic } from "../support/books/identities.ts";
import { type Books, drive } from "../support/books/load.ts";
import { Stages } from "../support/books/stages.ts";
import { type Exposition, series, total } from "../support/exposition.ts";
import { portOf } from "../support/route-table.ts";

const SEED = Number(process.env.BOOKS_SEED ?? 1);
const CLIENTS = 20;
const ACTIONS_EACH = 100;

const APPLICATIONS = [
  // without a router the path itself is the label
  { name: "node:http", script: "test/apps/endings/books-http.js", unrouted: (path: string) => path },
  { name: "Express", script: "test/apps/endings/books-express.js", unrouted: () => "unmatched" },
] as const;

function byLabels(exposition: Exposition, name: string, labels: readonly string[]): Record<string, number> {
  const samples = series(exposition.samples, name).filter(({ value }) => value > 0);
  return Object.fromEntries(
    samples.map((sample) => [labels.map((label) => sample.labels[label]).join(" "), sample.value]),
  );
}

function counted(exposition: Exposition): Record<string, number> {
  return byLabels(exposition, "http_requests_total", ["method", "status_code", "path"]);
}

function aborted(exposition: Exposition): Record<string, number> {
  return byLabels(exposition, "http_requests_aborted_total", ["method", "path"]);
}

/** An aborted request is one of those that are counted. */
function assertAbortedAreCounted(exposition: Exposition): void {
  for (const { labels, value } of series(exposition.samples, "http_requests_aborted_total")) {
    const requests = total(exposition.samples, "http_requests_total", labels);
    assert.ok(value <= requests, `${JSON.stringify(labels)}: ${value} aborted of ${requests}`);
  }
}

for (const { name, script, unrouted } of APPLICATIONS) {
  for (const instrumentation of INSTRUMENTATIONS) {
    describe(`books, ${name}, ${instrumentation}, seed ${SEED}`, function () {
      this.timeout(180_000);
      let app: App;
      let stages: Stages;
      let books: Books;
      let elapsedSeconds: number;
      let scraped: Exposition;
      const scrapes: Exposition[] = [];

      before(async () => {
        app = await startApp({
          args: [script],
          env: { RED_HTTP_INSTRUMENTATION: instrumentation },
          ...(process.env.TEST_NODE && { node: process.env.TEST_NODE }),
        });
        stages = await Stages.connect(portOf(app, "orders"));
        const startedAtMs = performance.now();
        const load = { port: app.port, stages, seed: SEED, clients: CLIENTS, actionsEach: ACTIONS_EACH, unrouted };
        let isDone = false;
        const driven = drive(load).finally(() => {
          isDone = true;
        });
        while (!isDone) scrapes.push(await app.scrape());
        books = await driven;
        scraped = await app.scrapeUntil(
          "as many requests have ended as the client has sent",
          ({ samples }) => total(samples, "http_requests_total") >= books.requests,
        );
        elapsedSeconds = (performance.now() - startedAtMs) / 1000;
      });

      after(async () => {
        stages?.close();
        await app?.stop();
      });

      it("each request under its method, status and path, and no other", () => {
        assert.ok(books.requests > 2000, `${books.requests} requests`);
        assert.deepEqual(counted(scraped), books.counted);
      });

      it("each aborted request as one", () => {
        assert.deepEqual(aborted(scraped), books.aborted);
      });

      it("each excluded request", () => {
        assert.equal(total(scraped.samples, "otel_red_requests_excluded_total"), books.excluded);
      });

      it("nothing in flight", () => {
        assert.equal(activeRequests(scraped), 0);
      });

      it("no series is missing: what was seen has a place", () => {
        const places = new Set(Object.keys(books.counted).map((key) => key.replace(/ \d+ /, " ")));
        const active = series(scraped.samples, "http_requests_active").map(
          ({ labels }) => `${labels.method} ${labels.path}`,
        );
        for (const place of places) assert.ok(active.includes(place), place);
      });

      it("durations as long as the server has taken, and no longer than the load", () => {
        for (const { labels, value } of series(scraped.samples, "http_request_duration_seconds_sum")) {
          const key = `${labels.method} ${labels.status_code} ${labels.path}`;
          assert.ok(value >= (books.leastSeconds[key] ?? 0), `${key}: ${value} s in sum`);
          assert.ok(value <= (books.counted[key] as number) * elapsedSeconds, `${key}: ${value} s in sum`);
        }
        const slow = { path: "/slow/:id", le: "0.01" };
        assert.equal(total(scraped.samples, "http_request_duration_seconds_bucket", slow), 0);
      });

      it("each scrape agrees with itself, and with the one before", () => {
        assert.ok(scrapes.length > 5, `${scrapes.length} scrapes`);
        let before = scrapes[0] as Exposition;
        for (const scrape of [...scrapes, scraped]) {
          assertIdentities(scrape);
          assertMonotonic(before, scrape);
          assertAbortedAreCounted(scrape);
          before = scrape;
        }
        assert.ok(
          scrapes.some((scrape) => activeRequests(scrape) > 0),
          "some were in flight",
        );
      });
    });
  }
}
