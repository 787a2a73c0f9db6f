/**
 * The same rules and alerts on what the demo really shows: it is scraped while its visitors come, each scrape is taken for one
 * of a minute, and what is recorded is held against the visitors' own books.
 */
import { equal } from "node:assert/strict";
import { DEFAULT_OPTIONS } from "../../src/cli/generate/options.ts";
import { BY_SERVICE, byPath } from "../../src/cli/generate/prometheus/records.ts";
import type { Account, Books } from "../apps/demo/books.ts";
import { scrape } from "../apps/demo/scrape.ts";
import { startShop } from "../apps/demo/shop-process.ts";
import { runTraffic, type Visitor } from "../apps/demo/traffic.ts";
import { REGISTER } from "../support/app.ts";
import { total } from "../support/exposition.ts";
import { freePort } from "../support/free-port.ts";
import type { Expectation } from "../support/rules/promtool.ts";
import { firing, runScenarios, type Scenario } from "../support/rules/scenario.ts";
import { inputSeries, type Scrape } from "../support/rules/scrapes.ts";
import { until } from "../support/until.ts";

const READY_MS = 15_000;
const TARGET = { job: "otel-red", instance: "127.0.0.1:9464" };
const SHOP = 'service="shop"';

/** In how many parts the visitors come; after each of them there is a scrape, taken for that of the next minute. */
const PARTS = 6;
/** Without any traffic. */
const MINUTES_AFTER = 3;

interface Observed {
  readonly scrapes: readonly Scrape[];
  readonly books: readonly Books[];
}

/** A shop from its start on: a scrape in front of its first request, and one after each part of its visitors. */
async function observe(visitors: Partial<Record<Visitor, number>>): Promise<Observed> {
  const port = await freePort(0);
  const metricsUrl = `http://127.0.0.1:${port}/metrics`;
  const shop = await startShop(["--require", REGISTER], {
    ...process.env,
    PORT: "0",
    OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
    OTEL_SERVICE_NAME: "shop",
  });
  try {
    const scrapes = [(await until("/metrics answers", READY_MS, () => scrape(metricsUrl))).samples];
    const books: Books[] = [];
    for (let part = 0; part < PARTS; part++) {
      books.push((await runTraffic({ address: shop.address, visitors, seed: 1789 + 1000 * part })).books);
      const sent = count(books, () => true);
      // a request is counted a moment after the client has its answer
      const { samples } = await until("all is counted", READY_MS, async () => {
        const scraped = await scrape(metricsUrl);
        return total(scraped.samples, "http_requests_total") === sent ? scraped : undefined;
      });
      scrapes.push(samples);
    }
    const last = scrapes.at(-1) as (typeof scrapes)[number];
    return { scrapes: [...scrapes, ...Array.from({ length: MINUTES_AFTER }, () => last)], books };
  } finally {
    await shop.stop();
  }
}

function count(books: readonly Books[], of: (account: Account) => boolean): number {
  return books
    .flatMap((each) => each.accounts())
    .filter(of)
    .reduce((sum, account) => sum + account.count, 0);
}

/** At the end, this query has one answer, and that is the number of the books. */
function isNumber(query: string, expected: number, minute: number): Expectation {
  return {
    expr: `sum(abs(${query} - ${expected}) < bool 1e-9)`,
    eval_time: `${minute}m`,
    exp_samples: [{ labels: "{}", value: 1 }],
  };
}

/** A busy machine makes anything slow, and it is not latency that is looked at here. */
const OPTIONS = { ...DEFAULT_OPTIONS, objectives: { ...DEFAULT_OPTIONS.objectives, latencySeconds: 5 } };
const PAYMENT = "/api/orders/:id/payment";

interface Case {
  readonly what: string;
  readonly visitors: Partial<Record<Visitor, number>>;
  readonly expectations: (books: readonly Books[], minute: number) => Expectation[];
}

const BUYERS = { browser: 6, buyer: 20, scanner: 3, impatient: 1 };
const HARMLESS = { browser: 15, stranger: 5, scanner: 10, impatient: 2, leaver: 1 };

const everything = () => true;
const payments = ({ path }: Account) => path === PAYMENT;

function failedRatio(books: readonly Books[], of: (account: Account) => boolean): number {
  return count(books, (account) => of(account) && account.status >= 500) / count(books, of);
}

const CASES: readonly Case[] = [
  {
    what: "failing payments page",
    visitors: BUYERS,
    expectations: (books, minute) => [
      firing(minute, [
        "RedErrorRatioHigh warning shop",
        "RedAvailabilityBudgetBurn critical shop",
        "RedAvailabilityBudgetBurn warning shop",
      ]),
      isNumber(`${BY_SERVICE.failedRatio("1h")}{${SHOP}}`, failedRatio(books, everything), minute),
      // the path itself is born with the first visitors
      isNumber(
        `${byPath(OPTIONS.pathLabel).failedRatio("1h")}{${SHOP},path="${PAYMENT}"}`,
        failedRatio(books.slice(1), payments),
        minute,
      ),
    ],
  },
  {
    what: "who looks around, finds nothing, scans or gives up pages nobody",
    visitors: HARMLESS,
    expectations: (books, minute) => [
      firing(minute, []),
      isNumber(`${BY_SERVICE.failedRatio("1h")}{${SHOP}}`, failedRatio(books, everything), minute),
    ],
  },
];

describe("the alerts on what the demo shows", function () {
  this.timeout(120_000);

  for (const { what, visitors, expectations } of CASES)
    it(what, async () => {
      const { scrapes, books } = await observe(visitors);
      const scenario: Scenario = {
        name: what,
        options: OPTIONS,
        everyMinutes: 1,
        series: inputSeries(TARGET, scrapes),
        expectations: expectations(books, scrapes.length - 1),
      };
      equal(runScenarios([scenario]).get(what), undefined);
    });
});
