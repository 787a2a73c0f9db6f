/** Processes that know nothing of each other, or only their parent: children of `fork()` and two generations of a service. */
import assert from "node:assert/strict";
import { freePort } from "../support/free-port.ts";
import { Books, startLoad } from "../support/processes/books.ts";
import { lastMomentsOf, pageEqualsBooks, servingPid, workers } from "../support/processes/page.ts";
import { isAlive, type Service, startService } from "../support/processes/service.ts";
import { startWatch } from "../support/processes/watch.ts";
import { until } from "../support/until.ts";

const DEADLINE_MS = 30_000;

describe("children of fork()", () => {
  let service: Service | undefined;
  afterEach(async () => {
    await service?.stop();
    service = undefined;
  });

  for (const { title, env, members } of [
    { title: "of a parent with a server", env: { CHILDREN: "2" }, members: 3 },
    { title: "of a parent without a server", env: { CHILDREN: "3", PARENT: "idle" }, members: 3 },
  ])
    it(title, async () => {
      service = await startService("fork.cjs", { env });
      const { urls, metricsPort, stderr } = service;
      await service.joined(members);
      const books = new Books();
      await books.askMany(urls, 10 * members);
      const exposition = await pageEqualsBooks(metricsPort, books);
      assert.deepEqual(workers(exposition), ["1", "2", "3"]);

      // a child that is killed is replaced, and its number is used again
      const [doomed = 0] = service.children().filter((pid) => pid !== servingPid(exposition));
      const atMs = performance.now();
      process.kill(doomed, "SIGKILL");
      await until("it has ended", DEADLINE_MS, async () => !isAlive(doomed) || undefined);
      await service.joined(members);
      const after = await pageEqualsBooks(metricsPort, books, { mayBeLost: lastMomentsOf(`${doomed}.0`, atMs) });
      assert.deepEqual(workers(after), ["1", "2", "3"]);
      assert.equal(stderr(), "");
    });
});

describe("two generations of a service", () => {
  const running: Service[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((service) => service.stop()));
  });

  const start = async (metricsPort: number) => {
    const service = await startService("server.cjs", { metricsPort });
    running.push(service);
    return service;
  };

  it("the second joins the first, goes on when the first ends, and a third one finds it", async () => {
    const metricsPort = await freePort(0);
    const books = new Books();
    let current = await start(metricsPort);
    await current.joined(1);
    await using watch = startWatch(metricsPort);
    await using load = startLoad(books, () => current.urls);
    for (let generation = 2; generation <= 4; generation++) {
      const former = current;
      const next = await start(metricsPort);
      await next.joined(2);
      current = next;
      // a request that is under way is answered: the signal is handled by `server.close()`
      assert.equal(await former.stop("SIGINT"), 0);
      await until("the next one serves", DEADLINE_MS, async () => {
        return servingPid(await next.page()) === next.process.pid || undefined;
      });
    }
    await load.stop();
    await pageEqualsBooks(metricsPort, books);
    const { decreases, longestGapMs } = await watch.stop();
    assert.deepEqual(decreases, []);
    assert.ok(longestGapMs < 2_000, `${longestGapMs} ms without a page`);
    for (const service of running) assert.equal(service.stderr(), "");
  });

  it("a lone process has no label `worker`, and keeps it once it had company", async () => {
    const metricsPort = await freePort(0);
    const first = await start(metricsPort);
    const alone = await first.joined(1);
    assert.deepEqual(workers(alone), ["none"]);
    assert.ok(![...alone.families.keys()].some((name) => name.startsWith("otel_red_workers")));
    const second = await start(metricsPort);
    assert.deepEqual(workers(await first.joined(2)), ["1", "2"]);
    await second.stop();
    await until("the second one has left", DEADLINE_MS, async () => {
      return workers(await first.page()).join() === "1" || undefined;
    });
  });
});
