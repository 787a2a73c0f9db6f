/** Deaths of a process of a cluster whose workers alone have the preload, so that one of them serves the page. */
import assert from "node:assert/strict";
import { total } from "../exposition.ts";
import { until } from "../until.ts";
import { Books, startLoad } from "./books.ts";
import { lastMomentsOf, page, pageEqualsBooks, servingPid, workers } from "./page.ts";
import { isAlive, type Service, startMortals } from "./service.ts";
import { startWatch } from "./watch.ts";

const DEADLINE_MS = 30_000;
/** A second, and what a busy machine adds to it. */
const PAGE_AFTER_DEATH_MS = 1_500;
const SETTLED_MS = 5_000;
const WORKERS = 3;

export const WHO = ["a member", "the serving process"] as const;
export const TIMES = ["idle", "under load", "during a scrape"] as const;

/** How a process ends, by the signal that makes it do so: `test/apps/processes/deaths.cjs`. */
export const DEATHS = [
  { how: "process.exit()", signal: "SIGUSR2", loses: false },
  { how: "an exception", signal: "SIGHUP", loses: false },
  { how: "worker.disconnect()", signal: "SIGINT", loses: false },
  { how: "out of memory", signal: "SIGWINCH", loses: true },
  { how: "SIGTERM", signal: "SIGTERM", loses: true },
  { how: "SIGKILL", signal: "SIGKILL", loses: true },
] as const;

export interface Death {
  readonly who: (typeof WHO)[number];
  readonly how: (typeof DEATHS)[number]["how"];
  readonly when: (typeof TIMES)[number];
}

/** Kills processes of one cluster, row by row. The books go on from row to row: what a row loses, the next ones find lost. */
export function describeDeaths(rows: readonly Death[]): void {
  describe("when it dies", function killTable() {
    this.timeout(90_000);
    let service: Service;
    let books: Books;

    beforeEach(async () => {
      service = await startMortals(WORKERS);
      books = new Books();
    });
    afterEach(() => service.stop());

    for (const { who, how, when } of rows)
      it(`${who}: ${how}, ${when}`, async () => {
        const { metricsPort, urls } = service;
        await books.askMany(urls, 30);
        const before = await pageEqualsBooks(metricsPort, books);
        const serving = servingPid(before);
        const doomed = who === "a member" ? service.children().find((pid) => pid !== serving) : serving;
        assert.ok(doomed);
        await using watch = startWatch(metricsPort, when === "during a scrape" ? 0 : 60);
        await using load = startLoad(books, () => urls, when === "idle" ? 0 : 3);
        const asked = books.answers.length;
        if (when !== "idle")
          await until("the load has begun", DEADLINE_MS, async () => books.answers.length > asked + 100 || undefined);

        const { signal, loses } = DEATHS.find((death) => death.how === how) ?? assert.fail();
        const atMs = performance.now();
        process.kill(doomed, signal);
        await until("it has ended", DEADLINE_MS, async () => !isAlive(doomed) || undefined);
        const endedAtMs = performance.now();
        await until("another one serves", DEADLINE_MS, async () => {
          return servingPid(await page(metricsPort)) !== doomed || undefined;
        });
        const takenMs = performance.now() - endedAtMs;
        assert.ok(takenMs < PAGE_AFTER_DEATH_MS, `a page after ${takenMs} ms`);
        await service.joined(WORKERS);
        await load.stop();
        await books.askMany(urls, 10);

        const mayBeLost = loses ? lastMomentsOf(`${doomed}.0`, atMs) : () => false;
        const after = await pageEqualsBooks(metricsPort, books, { mayBeLost });
        // the number of the dead one is used again
        for (const name of ["app_temperature", "process_resident_memory_bytes", "nodejs_eventloop_lag_seconds"])
          assert.deepEqual(workers(after, name), ["1", "2", "3"], name);
        // the application counts a request where the request begins; its instruments are asked for at each scrape
        const { answers, failures } = books;
        const least = answers.filter((answer) => !mayBeLost(answer)).length;
        await until(`${least} to ${answers.length + failures.length} jobs`, SETTLED_MS, async () => {
          const jobs = total((await page(metricsPort)).samples, "app_jobs_total");
          assert.ok(jobs >= least && jobs <= answers.length + failures.length, `${jobs}`);
          return true;
        });
        assert.equal(total(after.samples, "http_requests_active"), 0);
        assert.deepEqual((await watch.stop()).decreases, []);
      });
  });
}
