/** One exposition for all who ask at the same time, made in slices. Time is what the test says it is. */
import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import type { CollectionResult, MetricReader } from "@opentelemetry/sdk-metrics";
import type { ExpositionFormat } from "../../src/exporter/prometheus/format.ts";
import { Scrape } from "../../src/exporter/prometheus/scrape.ts";
import { collectionTimeoutMs } from "../../src/exporter/prometheus/scrape-timeout.ts";
import { inSlices } from "../../src/exporter/prometheus/slices.ts";
import { parseExposition, total } from "../support/exposition.ts";

const EMPTY = {
  resourceMetrics: { resource: { attributes: {} }, scopeMetrics: [] },
  errors: [],
} as unknown as CollectionResult;

const TIMEOUT_MS = 3000;

class Reader {
  collections = 0;
  timeoutsMs: (number | undefined)[] = [];
  result: () => Promise<CollectionResult> = async () => EMPTY;

  collect(options?: Parameters<MetricReader["collect"]>[0]): Promise<CollectionResult> {
    this.collections++;
    this.timeoutsMs.push(options?.timeoutMillis);
    return this.result();
  }
}

async function text(scrape: Scrape, format: ExpositionFormat = "text"): Promise<string> {
  return Buffer.concat([...(await scrape.render(format, "identity", TIMEOUT_MS))]).toString();
}

describe("Scrape", () => {
  let reader: Reader;
  let nowMs: number;
  let scrape: Scrape;

  beforeEach(() => {
    reader = new Reader();
    nowMs = 0;
    scrape = new Scrape(reader, () => nowMs, assert.fail);
  });

  it("collects once for those who ask at the same time, and anew for the next", async () => {
    const [first, second] = await Promise.all([
      scrape.render("text", "identity", TIMEOUT_MS),
      scrape.render("text", "identity", TIMEOUT_MS),
    ]);
    assert.equal(first, second);
    assert.equal(reader.collections, 1);
    assert.notEqual(await scrape.render("text", "identity", TIMEOUT_MS), first);
    assert.equal(reader.collections, 2);
  });

  it("collects within the time that each has", async () => {
    await Promise.all([TIMEOUT_MS, 1500].map((timeoutMs) => scrape.render("text", "identity", timeoutMs)));
    assert.deepEqual(reader.timeoutsMs, [TIMEOUT_MS, 1500]);
  });

  it("gives each the format that it asked for", async () => {
    const [plain, openMetrics] = await Promise.all([text(scrape), text(scrape, "openmetrics")]);
    assert.doesNotMatch(plain, /# EOF/);
    assert.match(openMetrics, /# EOF\n$/);
  });

  it("gives each the encoding that it asked for", async () => {
    const [plain, compressed] = await Promise.all([text(scrape), scrape.render("text", "gzip", TIMEOUT_MS)]);
    assert.equal(gunzipSync(Buffer.concat([...compressed])).toString(), plain);
  });

  it("says how long it took, in seconds", async () => {
    reader.result = async () => {
      nowMs += 1250;
      return EMPTY;
    };
    assert.equal(total(parseExposition(await text(scrape)).samples, "otel_red_scrape_duration_seconds"), 1.25);
  });

  it("fails for all who asked where collecting fails, and tries again for the next", async () => {
    const failure = new Error("no");
    reader.result = () => Promise.reject(failure);
    const outcomes = await Promise.allSettled([
      scrape.render("text", "identity", TIMEOUT_MS),
      scrape.render("text", "identity", TIMEOUT_MS),
    ]);
    assert.deepEqual(outcomes, Array(2).fill({ status: "rejected", reason: failure }));
    assert.equal(reader.collections, 1);
    reader.result = async () => EMPTY;
    assert.match(await text(scrape), /^# HELP target_info/);
  });

  it("fails where a producer has reported an error", async () => {
    const failure = new Error("half of it is missing");
    reader.result = async () => ({ ...EMPTY, errors: [failure] });
    await assert.rejects(scrape.render("text", "identity", TIMEOUT_MS), failure);
  });
});

describe("the time to collect", () => {
  for (const [header, expectedMs] of [
    ["10", 3000],
    ["3.5", 3000],
    ["2", 1500],
    ["1", 500],
    ["0.5", 250],
    ["1e999", 3000],
    [undefined, 3000],
    ["", 3000],
    ["0", 3000],
    ["-1", 3000],
    ["2s", 3000],
    ["0x1", 3000],
    ["NaN", 3000],
    [["1", "2"], 3000],
  ] as const)
    it(`is ${expectedMs} ms where the scraper's timeout is ${JSON.stringify(header)}`, () => {
      assert.equal(collectionTimeoutMs(header as string | string[] | undefined), expectedMs);
    });
});

describe("inSlices", () => {
  /** Items of the given cost in milliseconds; how many of them each turn of the event loop has seen. */
  async function itemsByTurn(items: number, costMs: number): Promise<number[]> {
    let nowMs = 0;
    let turn = 0;
    const seen: number[] = [];
    let over = false;
    const count = () => {
      turn++;
      if (!over) setImmediate(count);
    };
    setImmediate(count);
    for await (const _ of inSlices(Array(items), () => nowMs)) {
      nowMs += costMs;
      seen[turn] = (seen[turn] ?? 0) + 1;
    }
    over = true;
    return seen;
  }

  it("lets the event loop go round whenever 2 ms are over", async () => {
    assert.deepEqual(await itemsByTurn(12, 0.5), [4, 4, 4]);
  });

  it("lets it go round after each item that takes longer than that by itself", async () => {
    assert.deepEqual(await itemsByTurn(3, 10), [1, 1, 1]);
  });

  it("does not keep what is quick waiting", async () => {
    assert.deepEqual(await itemsByTurn(1000, 0.001), [1000]);
  });
});
