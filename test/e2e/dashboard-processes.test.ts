/**
 * What the dashboard shows of processes: of one that is alone, and of several that share a page. A real Prometheus answers
 * the queries, and /proc says what is right.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { renderDashboard } from "../../src/cli/generate/dashboard/index.ts";
import { DEFAULT_OPTIONS } from "../../src/cli/generate/options.ts";
import { FAMILIES } from "../../src/view/red.ts";
import { Books } from "../apps/demo/books.ts";
import { Client } from "../apps/demo/client.ts";
import { type Dashboard, panelOf } from "../support/grafana/dashboard.ts";
import { type Answer, answersTo, choose, lastOf } from "../support/grafana/data-source.ts";
import type { View } from "../support/grafana/interpolation.ts";
import { INSTANCE, WatchedShop } from "../support/grafana/watched-shop.ts";
import { SCRAPE_INTERVAL_SECONDS } from "../support/servers/prometheus.ts";

const WATCHED_SECONDS = 10;
const dashboard = JSON.parse(renderDashboard(DEFAULT_OPTIONS)) as Dashboard;

const SHARES: readonly { what: string; processes: number; legends: readonly string[] }[] = [
  { what: "a process that is alone", processes: 1, legends: [INSTANCE] },
  {
    what: "three processes that share a page",
    processes: 3,
    legends: [`${INSTANCE} worker 1`, `${INSTANCE} worker 2`, `${INSTANCE} worker 3`],
  },
];

const ascending = (values: readonly number[]) => values.toSorted((a, b) => a - b);
const namesOf = (answers: readonly Answer[]) => answers.map(({ name }) => name).toSorted();

const residentBytes = (pid: number) =>
  1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
const openFiles = (pid: number) => readdirSync(`/proc/${pid}/fd`).length;

/** Smallest to smallest: which process has which number is nobody's business. */
function allNear(shown: readonly number[], known: readonly number[], most: (known: number) => number): void {
  equal(shown.length, known.length);
  const sorted = ascending(shown);
  for (const [index, value] of ascending(known).entries())
    ok(Math.abs((sorted[index] as number) - value) < most(value), `${shown} is shown, ${known} is right`);
}

for (const { what, processes, legends } of SHARES) {
  describe(`the dashboard of ${what}`, function () {
    this.timeout(120_000);

    let watched: WatchedShop;
    let view: View;

    before(async () => {
      watched = await WatchedShop.open({}, processes);
      // the variables offer the instances of services that have had a request
      const client = new Client(watched.address, new Books());
      await client.send({ method: "GET", url: "/products", path: "/products" });
      client.close();
      await watched.scraped("the request", `sum(${FAMILIES.requests.name}) == 1`);
      const fromSeconds = Math.floor(Date.now() / 1000);
      const scraped = await watched.scraped("some scrapes", `vector(time()) > ${fromSeconds + WATCHED_SECONDS}`);
      const toSeconds = Math.floor(scraped);
      const time = { fromSeconds, toSeconds, stepSeconds: toSeconds - fromSeconds };
      view = await choose(watched.prometheus.url, dashboard, {
        ...time,
        scrapeIntervalSeconds: SCRAPE_INTERVAL_SECONDS,
      });
    });

    after(() => watched?.close());

    const answers = (title: string) => answersTo(watched.prometheus.url, panelOf(dashboard, title), view);

    const GAUGES: readonly { title: string; is: (value: number) => boolean }[] = [
      { title: "Event loop utilization", is: (share) => share >= 0 && share < 1 },
      { title: "Event loop lag, p99", is: (seconds) => seconds > 0 && seconds < 5 },
      { title: "CPU", is: (cores) => cores > 0 && cores < 1 },
    ];
    for (const { title, is } of GAUGES)
      it(`${title}: once for each process`, async () => {
        const shown = await answers(title);
        deepEqual(namesOf(shown), legends);
        ok(shown.map(lastOf).every(is), String(shown.map(lastOf)));
      });

    it("Memory: what /proc says, and less of it as heap", async () => {
      const shown = await answers("Memory");
      deepEqual(namesOf(shown), legends.flatMap((legend) => [`${legend} heap used`, `${legend} resident`]).toSorted());
      const resident = shown.filter(({ refId }) => refId === "A").map(lastOf);
      allNear(resident, watched.pids.map(residentBytes), (bytes) => 0.3 * bytes);
      for (const heapUsed of shown.filter(({ refId }) => refId === "B").map(lastOf))
        ok(heapUsed > 1e6 && heapUsed < Math.min(...resident), `${heapUsed} of ${resident}`);
    });

    it("Open file descriptors: what /proc says", async () => {
      const shown = await answers("Open file descriptors");
      deepEqual(namesOf(shown), legends);
      allNear(shown.map(lastOf), watched.pids.map(openFiles), () => 10);
    });

    it("Garbage collection: by process and kind", async () => {
      const shown = await answers("Garbage collection");
      const byProcess = shown.map(({ name, labels: { kind } }) => name.slice(0, -` ${kind}`.length));
      deepEqual([...new Set(byProcess)].toSorted(), legends);
      ok(shown.map(lastOf).every((share) => share >= 0 && share < 1));
    });

    it("Workers: how many share the page; nothing of a process that is alone", async () => {
      const shown = await answers("Workers");
      deepEqual(namesOf(shown), processes === 1 ? [] : [`${INSTANCE} fresh`, `${INSTANCE} stale`]);
      const all = shown.map(lastOf).reduce((sum, count) => sum + count, 0);
      equal(all, processes === 1 ? 0 : processes);
    });

    it("Workers started: none while nothing happens; nothing of a process that is alone", async () => {
      const shown = await answers("Workers started");
      deepEqual(
        shown.map((answer) => [answer.name, lastOf(answer)]),
        processes === 1 ? [] : [[INSTANCE, 0]],
      );
    });
  });
}
