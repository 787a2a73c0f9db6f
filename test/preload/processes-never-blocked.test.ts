/** A member whose event loop does not turn costs one scrape half a second, and its last known values are on the page. */
import assert from "node:assert/strict";
import { type Answer, Books } from "../support/processes/books.ts";
import { lastMomentsOf, members, page, pageEqualsBooks, servingPid } from "../support/processes/page.ts";
import { isAlive, type Service, startService } from "../support/processes/service.ts";
import { startWatch } from "../support/processes/watch.ts";
import { until } from "../support/until.ts";

const STUCK_MS = 10_000;
const DEADLINE_MS = 30_000;
/** What a scrape may wait for a member that is stuck, and what a busy machine adds to it. */
const WAIT_MS = 500 + 300;
/** The later ones do not wait. */
const QUICK_MS = 300;

async function scrapeMs(port: number): Promise<number> {
  const startedAtMs = performance.now();
  await page(port);
  return performance.now() - startedAtMs;
}

describe("a member", function neverBlocked() {
  this.timeout(90_000);
  let service: Service;
  let books: Books;
  /** The member that is stuck, and the others. */
  let stuck: Answer;
  let stuckUrl: string;
  let others: string[];

  beforeEach(async () => {
    service = await startService("fork.cjs", { env: { CHILDREN: "3", PARENT: "idle" } });
    books = new Books();
    await service.joined(3);
    const serving = servingPid(await service.page());
    const answers = await Promise.all(service.urls.map((url) => books.ask(url, "/work/1")));
    const at = answers.findIndex((answer) => answer !== undefined && answer.by !== `${serving}.0`);
    stuck = answers[at] as Answer;
    stuckUrl = service.urls[at] as string;
    others = service.urls.filter((url) => url !== stuckUrl);
    await books.askMany(service.urls, 30);
    await pageEqualsBooks(service.metricsPort, books);
  });
  afterEach(() => service.stop());

  const pidOf = ({ by }: Answer) => Number(by.split(".")[0]);

  for (const { title, begin, end } of [
    {
      title: `is busy for ${STUCK_MS / 1000} s`,
      begin: () => books.ask(stuckUrl, `/spin?ms=${STUCK_MS}`),
      end: async () => {},
    },
    {
      title: "is stopped by SIGSTOP",
      begin: async () => process.kill(pidOf(stuck), "SIGSTOP"),
      end: async () => process.kill(pidOf(stuck), "SIGCONT"),
    },
  ])
    it(title, async () => {
      const { metricsPort } = service;
      await using watch = startWatch(metricsPort, 1_000);
      const startedAtMs = performance.now();
      await begin();
      const first = await scrapeMs(metricsPort);
      assert.ok(first < WAIT_MS, `${first} ms`);
      await until("it is stale", DEADLINE_MS, async () => {
        return members(await page(metricsPort), "stale") === 1 || undefined;
      });
      const times: number[] = [];
      for (let i = 0; i < 10; i++) times.push(await scrapeMs(metricsPort));
      // one of them may have found a busy machine
      assert.ok((times.sort((a, b) => a - b)[5] ?? 0) < QUICK_MS, times.join(" "));
      await books.askMany(others, 20);
      const exposition = await pageEqualsBooks(metricsPort, books, { mayBeLost: lastMomentsOf(stuck.by, startedAtMs) });
      assert.deepEqual([members(exposition, "fresh"), members(exposition, "stale")], [2, 1]);
      if (title.includes("busy")) assert.ok(performance.now() - startedAtMs < STUCK_MS, "it is busy all the time");
      await end();
      await service.joined(3);
      await pageEqualsBooks(metricsPort, books);
      const { decreases, longestScrapeMs } = await watch.stop();
      assert.deepEqual(decreases, []);
      assert.ok(longestScrapeMs < WAIT_MS, `${longestScrapeMs} ms`);
    });

  it("is stopped by SIGSTOP and then killed: its last known values stay", async () => {
    const { metricsPort } = service;
    await using watch = startWatch(metricsPort);
    const atMs = performance.now();
    process.kill(pidOf(stuck), "SIGSTOP");
    await until("it is stale", DEADLINE_MS, async () => members(await page(metricsPort), "stale") === 1 || undefined);
    process.kill(pidOf(stuck), "SIGKILL");
    await until("it has ended", DEADLINE_MS, async () => !isAlive(pidOf(stuck)) || undefined);
    await service.joined(3); // another child has taken its place
    await pageEqualsBooks(metricsPort, books, { mayBeLost: lastMomentsOf(stuck.by, atMs) });
    assert.deepEqual((await watch.stop()).decreases, []);
  });
});
