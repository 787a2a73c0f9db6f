/** Worker threads with servers of their own, in one pool and in several, come and go: one page has the whole service. */
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { total } from "../support/exposition.ts";
import { Books } from "../support/processes/books.ts";
import { lastMomentsOf, pageEqualsBooks, workers } from "../support/processes/page.ts";
import { PROCESSES, type Service, startService } from "../support/processes/service.ts";
import { startWatch } from "../support/processes/watch.ts";
import { until } from "../support/until.ts";

const DEADLINE_MS = 30_000;

// biome-ignore format: a table, one row a line
const ROWS = [
  { title: "a server in the main thread and two in threads", env: { THREADS: "2" }, members: 3 },
  { title: "started in another folder", env: { THREADS: "2" }, members: 3, cwd: tmpdir() },
  { title: "two pools of two", env: { POOLS: "2", THREADS: "2" }, members: 5 },
  { title: "two threads, and no server in the main thread", env: { MAIN: "idle", THREADS: "2" }, members: 2 },
];

describe("worker threads", () => {
  let service: Service | undefined;
  afterEach(async () => {
    await service?.stop();
    service = undefined;
  });

  for (const { title, env, members, cwd = PROCESSES } of ROWS)
    it(title, async () => {
      service = await startService("threads.cjs", { cwd, env: { ...env, INSTRUMENTS: "1" } });
      const { urls, metricsPort } = service;
      await service.joined(members);
      const books = new Books();
      await books.askMany(urls, 10 * members);
      const exposition = await pageEqualsBooks(metricsPort, books);
      const { samples } = exposition;
      assert.equal(books.processes().size, members);
      assert.equal(total(samples, "app_jobs_total"), 10 * members);
      assert.equal(total(samples, "app_seen_total"), 10 * members);
      assert.equal(workers(exposition, "app_temperature").length, members);
      assert.equal(workers(exposition, "nodejs_eventloop_lag_seconds").length, members);
      // the threads have one memory and one CPU time
      for (const name of ["process_resident_memory_bytes", "process_cpu_seconds_total", "process_start_time_seconds"])
        assert.equal(workers(exposition, name).length, 1, name);
      assert.equal(service.stderr(), "");
    });

  // biome-ignore format: a table, one row a line
  for (const { title, target, onMain, isLost } of [
    { title: "ends by process.exit()", target: "/exit", onMain: false, isLost: false },
    { title: "fails by an exception", target: "/boom", onMain: false, isLost: false },
    { title: "runs out of memory", target: "/oom", onMain: false, isLost: true },
    { title: "is ended by worker.terminate()", target: "/terminate?port=", onMain: true, isLost: true },
  ])
    it(`a thread ${title}, and another takes its place`, async () => {
      service = await startService("threads.cjs", { cwd: PROCESSES });
      const { urls, metricsPort } = service;
      const [main, doomed] = urls as [string, string];
      await service.joined(3);
      await using watch = startWatch(metricsPort);
      const books = new Books();
      await books.askMany(urls, 30);
      await pageEqualsBooks(metricsPort, books);
      await books.askMany(urls, 6);
      const atMs = performance.now();
      const by = (await books.ask(doomed, "/work/1"))?.by ?? "";
      const ending = await (onMain ? books.ask(main, target + new URL(doomed).port) : books.ask(doomed, target));
      assert.equal(ending?.status, 200);
      const place = await until("another thread listens", DEADLINE_MS, async () => {
        const ports = (await books.ask(main, "/ports"))?.body.split(" ") ?? [];
        const fresh = ports.find((port) => !urls.some((url) => url.endsWith(`:${port}`)));
        return ports.length === 2 ? fresh : undefined;
      });
      await books.askMany([`http://127.0.0.1:${place}`], 3);
      await pageEqualsBooks(metricsPort, books, isLost ? { mayBeLost: lastMomentsOf(by, atMs) } : {});
      await service.joined(3);
      assert.deepEqual((await watch.stop()).decreases, []);
    });
});
