/**
 * Every query of the dashboard, as Grafana sends it, to a real Prometheus that has watched the demo through a restart. The
 * answers are held against the visitors' own books.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { renderDashboard } from "../../src/cli/generate/dashboard/index.ts";
import { DEFAULT_OPTIONS, type GenerateOptions } from "../../src/cli/generate/options.ts";
import { FAMILIES } from "../../src/view/red.ts";
import { Books } from "../apps/demo/books.ts";
import { Client } from "../apps/demo/client.ts";
import { A_DAY_IN_THE_SHOP, runTraffic } from "../apps/demo/traffic.ts";
import { Clocks } from "../support/books/durations.ts";
import { type Dashboard, dataPanels, type Panel, panelOf, rowsOf } from "../support/grafana/dashboard.ts";
import { type Answer, answersTo, choose, lastOf } from "../support/grafana/data-source.ts";
import { type Expected, expectations } from "../support/grafana/expectations.ts";
import type { View } from "../support/grafana/interpolation.ts";
import { type Bounds, keyOf, ledger } from "../support/grafana/ledger.ts";
import { INSTANCE, WatchedShop } from "../support/grafana/watched-shop.ts";
import { SCRAPE_INTERVAL_SECONDS } from "../support/servers/prometheus.ts";
import { until } from "../support/until.ts";

/**
 * After the last visitor of each process. `increase()` adds up to half a scrape interval at the beginning and a whole one at
 * the end, in which it takes a counter to go on as it did: the longer it was watched, the smaller a part that is.
 */
const QUIET_SECONDS = 12;
const SLACK = (2 * SCRAPE_INTERVAL_SECONDS) / QUIET_SECONDS;
/** Requests that are held open at a time. */
const HELD = 3;

interface Variant {
  readonly name: string;
  readonly options: GenerateOptions;
  readonly environment: NodeJS.ProcessEnv;
  /** That share the page. */
  readonly processes: number;
}

const VARIANTS: readonly Variant[] = [
  { name: "as it is committed", options: DEFAULT_OPTIONS, environment: {}, processes: 1 },
  {
    // the labels of ours that a ServiceMonitor's target has as well are `service` and `endpoint`
    name: "for RED_PATH_LABEL=endpoint, other buckets and one service, of several processes",
    processes: 3,
    options: {
      service: 'the "shop" (1+1=$2)',
      except: [],
      pathLabel: "endpoint",
      durationBuckets: [0.01, 0.05, 0.2, 1, 4],
      objectives: { availabilityPercent: 99, latencySeconds: 0.2, latencyPercent: 95 },
    },
    environment: {
      OTEL_SERVICE_NAME: 'the "shop" (1+1=$2)',
      RED_PATH_LABEL: "endpoint",
      RED_DURATION_BUCKETS: "0.01,0.05,0.2,1,4",
    },
  },
];

const requestsIn = (...books: readonly Books[]) =>
  books.flatMap((each) => each.accounts()).reduce((sum, { count }) => sum + count, 0);

function visitors(share: number) {
  return Object.fromEntries(
    Object.entries(A_DAY_IN_THE_SHOP).map(([visitor, count]) => [visitor, Math.ceil(count * share)]),
  );
}

for (const { name, options, environment, processes } of VARIANTS) {
  describe(`the dashboard ${name}`, function () {
    this.timeout(180_000);

    const dashboard = JSON.parse(renderDashboard(options)) as Dashboard;
    const service = options.service ?? "shop";
    let watched: WatchedShop;
    let time: Omit<View, "choices">;
    let view: View;
    let expected: ReturnType<typeof expectations>;
    let excluded: number;
    /** When the held requests were in flight, in seconds since the epoch. */
    let busySeconds: number;

    before(async () => {
      watched = await WatchedShop.open(environment, processes);
      const visit = async (share: number, seed: number) =>
        (await runTraffic({ address: watched.address, visitors: visitors(share), seed })).books;
      const scrapedAll = (...books: readonly Books[]) =>
        watched.scraped(
          "all requests",
          `sum(${FAMILIES.requests.name}) == ${requestsIn(...books)} and sum(${FAMILIES.excluded.name}) == ${books.reduce((sum, each) => sum + each.excluded, 0)}`,
        );
      const quietAfter = async (seconds: number) =>
        Math.floor(await watched.scraped("a quiet time", `vector(time()) > ${seconds + QUIET_SECONDS}`));
      const fromSeconds = Math.floor(Date.now() / 1000);

      const early = await visit(0.05, 1);
      await scrapedAll(early);
      const main = await visit(0.6, 2);
      await sendOnce(main);
      await quietAfter(await scrapedAll(early, main));
      await watched.restart();
      const late = await visit(0.1, 3);
      const held = new Books();
      busySeconds = await hold(held);
      const toSeconds = await quietAfter(await scrapedAll(late, held));

      // one step, so that the last point of a curve is about all that happened
      const stepSeconds = toSeconds - fromSeconds;
      time = { fromSeconds, toSeconds, stepSeconds, scrapeIntervalSeconds: SCRAPE_INTERVAL_SECONDS };
      view = await choose(watched.prometheus.url, dashboard, time);
      excluded = [early, main, late, held].reduce((sum, each) => sum + each.excluded, 0);

      const known = new Set(
        ledger(service, options.pathLabel, [early], []).map(({ labels }) => JSON.stringify(labels)),
      );
      expected = expectations({
        clocks: Clocks.of(early, main, late, held),
        entries: ledger(service, options.pathLabel, [early, main], [late, held]),
        halfSeen: ledger(service, options.pathLabel, [main], [late, held]).filter(({ labels }) =>
          known.has(JSON.stringify(labels)),
        ),
        options,
        rangeSeconds: stepSeconds,
        rateSeconds: stepSeconds + SCRAPE_INTERVAL_SECONDS,
      });
    });

    after(() => watched?.close());

    /** @returns when Prometheus saw them all in flight */
    async function hold(books: Books): Promise<number> {
      const client = new Client(watched.address, books);
      const slow = { method: "GET", url: "/reports/sales?days=200", path: "/reports/sales" };
      const answers = Promise.all(Array.from({ length: HELD }, () => client.send(slow)));
      const seconds = await watched.scraped("requests in flight", `sum(${FAMILIES.active.name}) == ${HELD}`);
      await answers;
      client.close();
      return seconds;
    }

    /** A request like no other before or after it. */
    async function sendOnce(books: Books): Promise<void> {
      const client = new Client(watched.address, books);
      await client.send({ method: "PUT", url: "/products", path: "unmatched" });
      client.close();
    }

    const answersOf = (panel: Panel, seen: View = view) => answersTo(watched.prometheus.url, panel, seen);

    const panelNamed = (title: string) => panelOf(dashboard, title);

    function inTheBooks(title: string): Expected {
      const [first] = expected[title] ?? [];
      if (first === undefined) throw new Error(`${title} is in nobody's books`);
      return first;
    }

    function compare(panel: Panel, answers: readonly Answer[], targets: readonly Expected[], share: number): void {
      equal(panel.targets?.length, targets.length, `the books know as many targets of ${panel.title}`);
      for (const [index, { by, values }] of targets.entries()) {
        const refId = panel.targets?.[index]?.refId;
        const found = new Map(
          answers
            .filter((answer) => answer.refId === refId)
            .map((answer) => [keyOf(answer.labels, by), lastOf(answer)]),
        );
        const keys = new Set([...found.keys(), ...values.keys()]);
        ok(keys.size > 0, `${panel.title} ${refId} is empty`);
        for (const key of keys) {
          const [least, most]: Bounds = values.get(key) ?? [0, 0];
          const value = found.get(key) ?? (least === 0 ? 0 : Number.NaN);
          ok(
            value >= least * (1 - share) - 1e-9 && value <= most * (1 + share) + 1e-9,
            `${panel.title} ${refId} {${key}}: ${value} in Prometheus, ${least} to ${most} in the books, ${(100 * share).toFixed(1)} % either way`,
          );
        }
      }
    }

    it("the variables offer what the visitors asked for", () => {
      const offered = Object.fromEntries([...view.choices].map(([variable, { options: all }]) => [variable, all]));
      deepEqual(offered.service, [service]);
      deepEqual(offered.instance, [INSTANCE]);
      deepEqual(offered.method, ["GET", "POST", "PUT"]);
      deepEqual(offered.path, [
        "/api/orders",
        "/api/orders/:id",
        "/api/orders/:id/payment",
        "/products",
        "/products/:id",
        "/reports/sales",
        "/reports/sales.csv",
        "unmatched",
      ]);
    });

    describe("all that happened", () => {
      for (const panel of dataPanels(dashboard)) {
        it(panel.title, async () => {
          const answers = await answersOf(panel);
          if (processes === 1 && OF_SEVERAL_PROCESSES.has(panel.title)) return equal(answers.length, 0);
          ok(answers.length > 0, "is empty");
          const known = expected[panel.title];
          if (known !== undefined) compare(panel, answers, known, SLACK);
          else ok(NOT_OF_REQUESTS.has(panel.title), "is in nobody's books");
        });
      }
    });

    /** What they show is held in test/e2e/dashboard-processes.test.ts, and so is the runtime. */
    const OF_SEVERAL_PROCESSES = new Set(["Workers", "Workers started"]);

    const NOT_OF_REQUESTS = new Set([
      "In flight",
      "In flight by service",
      ...["Runtime", "Health of the metrics"].flatMap((row) =>
        (rowsOf(dashboard).get(row) ?? []).map(({ title }) => title),
      ),
    ]);

    it("one path and one method alone, as the table's link and the variables choose them", async () => {
      const path = "/api/orders/:id/payment";
      const seen = await choose(watched.prometheus.url, dashboard, time, { method: ["POST"], path: [path] });
      const panel = panelNamed("Busiest");
      const whole = inTheBooks("Busiest");
      const key = `${service} POST ${path}`;
      compare(
        panel,
        await answersOf(panel, seen),
        [{ by: whole.by, values: new Map([[key, whole.values.get(key) as Bounds]]) }],
        SLACK,
      );
    });

    it("the only failure of its kind, at which its series was born", async () => {
      const shown = async (title: string, labels: readonly string[]) =>
        (await answersOf(panelNamed(title)))
          .filter(({ labels: { method, status_code } }) => method === "PUT" && [undefined, "404"].includes(status_code))
          .map((answer) => [answer.refId, keyOf(answer.labels, labels), lastOf(answer)]);
      const window = time.stepSeconds + SCRAPE_INTERVAL_SECONDS;
      deepEqual(await shown("4xx by route", ["status_code"]), [["A", "404", 1 / window]]);
      const [rate, failed, refused] = await shown("Routes", [options.pathLabel]);
      deepEqual(
        [rate, failed, refused],
        [
          ["A", "unmatched", 1 / time.stepSeconds],
          ["B", "unmatched", 0],
          ["C", "unmatched", 1],
        ],
      );
    });

    it("in flight at the moment when requests were held", async () => {
      const seen = { ...view, toSeconds: busySeconds, fromSeconds: busySeconds - time.stepSeconds };
      for (const title of ["In flight", "In flight by service"]) {
        const values = (await answersOf(panelNamed(title), seen)).map(lastOf);
        deepEqual(values, [HELD], title);
      }
    });

    it("curves add up to the books, also those of failures that came into being in between", async () => {
      const stepSeconds = SCRAPE_INTERVAL_SECONDS;
      const rateSeconds = 4 * SCRAPE_INTERVAL_SECONDS;
      for (const title of [
        "Rate by service",
        "Rate by status code",
        "5xx by route",
        "4xx by route",
        "Aborted by route",
      ]) {
        const panel = panelNamed(title);
        const { by, values } = inTheBooks(title);
        const fine = await answersOf(panel, { ...view, stepSeconds });
        const sums = fine.map((answer) => ({
          ...answer,
          points: [[0, answer.points.reduce((sum, [, rate]) => sum + rate * stepSeconds, 0)] as const],
        }));
        const window = time.stepSeconds + SCRAPE_INTERVAL_SECONDS;
        const counts = [...values].map(([key, [least, most]]): [string, Bounds] => [
          key,
          [least * window, most * window],
        ]);
        // of the four scrapes in a window the last may be the first of the next one
        compare(panel, sums, [{ by, values: new Map(counts) }], SCRAPE_INTERVAL_SECONDS / rateSeconds + SLACK);
      }
    });

    it("the health of the metrics", async () => {
      const value = async (title: string) => (await answersOf(panelNamed(title))).map(lastOf);
      deepEqual(await value("Up"), [1]);
      deepEqual(await value("Overflow"), [0]);
      const ups =
        (await answersOf(panelNamed("Up"), { ...view, stepSeconds: SCRAPE_INTERVAL_SECONDS }))[0]?.points ?? [];
      ok(ups.length > time.stepSeconds / 2);
      const [rate = 0] = await value("Excluded");
      const counted = rate * (time.stepSeconds + SCRAPE_INTERVAL_SECONDS);
      ok(
        Math.abs(counted - excluded) <= excluded * SLACK,
        `excluded: ${counted} in Prometheus, ${excluded} in the books`,
      );

      // what is shown of the runtime can be more by now: a kind of garbage collection that there was not before
      const exposition = await until("Prometheus has scraped as many samples as there are", 30_000, async () => {
        const text = await (await fetch(watched.metricsUrl)).text();
        const samples = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
        const toSeconds = Date.now() / 1000;
        const now = { ...view, toSeconds, fromSeconds: toSeconds - time.stepSeconds };
        const [scraped] = (await answersOf(panelNamed("Samples per scrape"), now)).map(lastOf);
        return scraped === samples.length ? text : undefined;
      });
      const [labelSets] = await value("Label sets");
      equal(labelSets, Number(/^otel_red_label_sets (\d+)$/m.exec(exposition)?.[1]));
      for (const seconds of await value("Scrape duration")) ok(seconds > 0 && seconds < SCRAPE_INTERVAL_SECONDS);
    });
  });
}
