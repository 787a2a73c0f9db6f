/**
 * RED_MAX_LABEL_SETS bounds memory and series, whatever comes in: a flood of distinct paths on a plain server, over ten
 * scrapes; and the routes that are met afterwards have their place all the same.
 */
import assert from "node:assert/strict";
import { type App, INSTRUMENTATIONS, type InstrumentationName, REGISTER, startApp } from "../support/app.ts";
import { Flood, floodRequest } from "../support/books/flood.ts";
import { activeRequests, assertIdentities, assertMonotonic } from "../support/books/identities.ts";
import { type Exposition, series, total } from "../support/exposition.ts";
import { countedSince, portOf } from "../support/route-table.ts";

const MAX_LABEL_SETS = 1000;
/** What raw paths may take of it. */
const RAW_SHARE = MAX_LABEL_SETS / 2;
const SCRAPES = 10;
/** `stock` takes several times as long for each. */
const PATHS: Readonly<Record<InstrumentationName, number>> = { light: 200_000, stock: 50_000 };
/** 200,000 paths of 8 characters that are kept somewhere would take more than 10 MB. */
const MOST_GROWTH_BYTES = 1024 * 1024;

/** What the client has sent, under the labels that the budget leaves it. */
function expectedAfter(paths: number): Record<string, number> {
  const counted: Record<string, number> = {};
  for (let number = 0; number < paths; number++) {
    const { method, path, status } = floodRequest(number);
    const series = `${method} ${status} ${number < RAW_SHARE ? path : "other"}`;
    counted[series] = (counted[series] ?? 0) + 1;
  }
  return counted;
}

for (const instrumentation of INSTRUMENTATIONS) {
  const paths = PATHS[instrumentation];

  describe(`the budget, ${instrumentation}: ${paths} distinct paths`, function () {
    this.timeout(180_000);
    let app: App;
    let empty: Exposition;
    const scrapes: Exposition[] = [];
    const heapBytes: number[] = [];

    const last = () => scrapes.at(-1) as Exposition;
    const ask = async (path: string, init: RequestInit = {}, server?: string) => {
      const response = await fetch(`http://127.0.0.1:${portOf(app, server)}${path}`, init);
      return { status: response.status, text: await response.text() };
    };
    const scrapeAfter = (requests: number) =>
      app.scrapeUntil(`${requests} requests are counted`, ({ samples }) => {
        return total(samples, "http_requests_total") >= requests;
      });

    before(async () => {
      app = await startApp({
        args: ["test/apps/endings/budget.js"],
        flags: ["--expose-gc", "--require", REGISTER],
        env: {
          RED_HTTP_INSTRUMENTATION: instrumentation,
          RED_MAX_LABEL_SETS: String(MAX_LABEL_SETS),
          RED_EXCLUDE_PATHS: "+/heap",
          // which of its series there are depends on what the runtime has been seen to do so far
          RED_RUNTIME_METRICS: "false",
        },
        ...(process.env.TEST_NODE && { node: process.env.TEST_NODE }),
      });
      empty = await app.scrape();
      const flood = await Flood.open(app.port);
      const each = paths / SCRAPES;
      for (let i = 0; i < SCRAPES; i++) {
        await flood.send(i * each, (i + 1) * each);
        scrapes.push(await scrapeAfter((i + 1) * each));
        heapBytes.push(Number((await ask("/heap")).text));
      }
      flood.close();
    });

    after(() => app?.stop());

    it("series are as many after the last scrape as after the first, and within the budget", () => {
      const [first] = scrapes as [Exposition];
      assert.deepEqual(
        scrapes.map(({ samples }) => samples.length),
        scrapes.map(() => first.samples.length),
      );
      // 50 are kept for `other` and `unmatched`
      assert.ok(series(first.samples, "http_requests_total").length <= RAW_SHARE + 50);
    });

    it("the heap is flat", () => {
      const [, afterSecond] = heapBytes as [number, number];
      const growth = (heapBytes.at(-1) as number) - afterSecond;
      assert.ok(growth < MOST_GROWTH_BYTES, `it has grown by ${growth} bytes: ${heapBytes.join(", ")}`);
    });

    it("each request is counted, with its method and status: the first paths as they are, the others as `other`", () => {
      assert.deepEqual(countedSince(empty, last()), expectedAfter(paths));
    });

    it("where the budget stands is told", () => {
      const labelSets = series(last().samples, "http_requests_total").length;
      assert.equal(total(last().samples, "otel_red_label_sets"), labelSets);
      assert.equal(labelSets, RAW_SHARE + series(last().samples, "http_requests_total", { path: "other" }).length);
      for (const [index, { samples }] of scrapes.entries()) {
        assert.equal(total(samples, "otel_red_overflow_total"), ((index + 1) * paths) / SCRAPES - RAW_SHARE);
        assert.equal(
          total(samples, "otel_red_overflow_total"),
          total(samples, "http_requests_total", { path: "other" }),
        );
      }
    });

    it("each scrape agrees with itself, and with the one before", () => {
      let before = empty;
      for (const scrape of scrapes) {
        assertIdentities(scrape);
        assertMonotonic(before, scrape);
        assert.equal(activeRequests(scrape), 0);
        before = scrape;
      }
    });

    for (const server of [undefined, "shop"]) {
      it(`routes that are met now have their own path, ${server === undefined ? "behind the same server" : "on another server"}`, async () => {
        const before = await app.scrape();
        assert.equal((await ask("/shop/products/7", {}, server)).status, 200);
        assert.equal((await ask("/shop/products/8", {}, server)).status, 200);
        assert.equal((await ask("/shop/products/7/reviews", {}, server)).status, 500);
        assert.equal((await ask("/shop/orders", { method: "POST" }, server)).status, 201);
        assert.equal((await ask("/shop/nothing", { method: "DELETE" }, server)).status, 404);
        const after = await scrapeAfter(total(before.samples, "http_requests_total") + 5);
        assert.deepEqual(countedSince(before, after), {
          "GET 200 /shop/products/:id": 2,
          "GET 500 /shop/products/:id/reviews": 1,
          "POST 201 /shop/orders": 1,
          "DELETE 404 unmatched": 1,
        });
        const overflow = (exposition: Exposition) => total(exposition.samples, "otel_red_overflow_total");
        assert.equal(overflow(after), overflow(before));
        assertIdentities(after);
      });
    }

    it("that it is reached is said once", () => {
      const [served, reached, ...others] = app.stderr().trimEnd().split("\n");
      assert.match(served as string, /^otel-red: metrics are served on /);
      assert.match(reached as string, /^otel-red: RED_MAX_LABEL_SETS=1000 is reached: .*RED_PATH_PATTERNS/);
      assert.deepEqual(others, []);
    });
  });
}
