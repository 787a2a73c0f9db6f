/** A cluster, however it is started and however its connections are distributed: one page has the whole service. */
import assert from "node:assert/strict";
import { REGISTER } from "../support/app.ts";
import { series, total } from "../support/exposition.ts";
import { freePort } from "../support/free-port.ts";
import { Books, startLoad } from "../support/processes/books.ts";
import { lastMoments, lastMomentsOf, pageEqualsBooks, servingPid, workers } from "../support/processes/page.ts";
import { installSupervised } from "../support/processes/pm2.ts";
import { type Service, type ServiceOptions, startService } from "../support/processes/service.ts";
import { startWatch } from "../support/processes/watch.ts";
import { until } from "../support/until.ts";

const DEADLINE_MS = 30_000;

interface Row {
  readonly title: string;
  readonly options: ServiceOptions;
  /** Values of the label `worker`: 0 is a primary without a server. */
  readonly workers: readonly string[];
}

const ENV = { INSTRUMENTS: "1" };
const WITH_PRIMARY = ["0", "1", "2", "3"];
const WITHOUT = ["1", "2", "3"];

// biome-ignore format: a table, one row a line
const ROWS: readonly Row[] = [
  { title: "the preload in all processes", options: { env: ENV }, workers: WITH_PRIMARY },
  { title: "the preload in the workers only", options: { flags: [], env: { ...ENV, PRELOAD: REGISTER } }, workers: WITHOUT },
  { title: "SCHED_NONE, the preload in all processes", options: { env: { ...ENV, SCHED: "none" } }, workers: WITH_PRIMARY },
  { title: "SCHED_NONE, the preload in the workers only", options: { flags: [], env: { ...ENV, SCHED: "none", PRELOAD: REGISTER } }, workers: WITHOUT },
  { title: "a primary that is a server as well", options: { env: { ...ENV, PRIMARY_SERVES: "1" } }, workers: ["1", "2", "3", "4"] },
];

describe("a cluster of three", () => {
  let service: Service | undefined;
  afterEach(async () => {
    await service?.stop();
    service = undefined;
  });

  for (const row of ROWS)
    it(row.title, async () => {
      service = await startService("cluster.cjs", row.options);
      const { urls, metricsPort } = service;
      const { pid } = service.process;
      await until("all have joined", DEADLINE_MS, async () => {
        const found = workers(await (service as Service).page());
        assert.deepEqual(found, row.workers);
        return true;
      });

      const books = new Books();
      await using watch = startWatch(metricsPort);
      await using load = startLoad(books, () => urls);
      const servers = row.workers.filter((worker) => worker !== "0");
      await until("all processes have answered", DEADLINE_MS, async () => {
        return (books.processes().size === servers.length && books.answers.length > 300) || undefined;
      });
      await load.stop();
      await pageEqualsBooks(metricsPort, books);
      // counters, histograms and up-down counters are sums
      const work = books.answers.filter(({ path }) => path === "/work/:id").length;
      const all = books.answers.length;
      const exposition = await until("the instruments say what the books say", DEADLINE_MS, async () => {
        const found = await (service as Service).page();
        const sum = (name: string, labels = {}) => total(found.samples, name, labels);
        assert.deepEqual(
          {
            jobs: sum("app_jobs_total", { kind: "work", exported_worker: "of-the-application" }),
            seen: sum("app_seen_total"),
            sizes: sum("app_size_count"),
            connected: sum("app_connected"),
          },
          { jobs: work, seen: all, sizes: all, connected: servers.length },
        );
        return found;
      });
      const { samples } = exposition;
      for (const name of ["app_jobs_total", "app_seen_total", "app_size_count", "app_connected", "http_requests_total"])
        for (const { labels } of series(samples, name)) assert.equal(labels.worker, undefined, name);
      // gauges are told apart, and so are processes
      assert.deepEqual(workers(exposition, "app_temperature"), servers);
      assert.deepEqual(workers(exposition, "app_queue"), servers);
      assert.deepEqual(workers(exposition, "nodejs_eventloop_lag_seconds"), row.workers);
      assert.deepEqual(workers(exposition, "process_resident_memory_bytes"), row.workers);
      // a worker that serves ends: another process takes over, perhaps the primary
      const serving = servingPid(exposition);
      if (serving !== pid) {
        const atMs = performance.now();
        process.kill(serving, "SIGKILL");
        await until("another one serves", DEADLINE_MS, async () => {
          return servingPid(await (service as Service).page()) !== serving || undefined;
        });
        await service.joined(row.workers.length);
        const after = await pageEqualsBooks(metricsPort, books, { mayBeLost: lastMomentsOf(`${serving}.0`, atMs) });
        assert.deepEqual(workers(after), row.workers);
      }
      assert.deepEqual((await watch.stop()).decreases, []);
      assert.equal(service.stderr(), "");
    });
});

describe("a rolling primary", () => {
  it("replaces its worker under load: the next one has the page, and nothing goes down", async () => {
    const port = await freePort(0);
    const service = await startService("rolling.cjs", {
      flags: [],
      env: { NODE_OPTIONS: `--require ${REGISTER}`, PORT: String(port) },
    });
    try {
      const books = new Books();
      await service.joined(2);
      await using watch = startWatch(service.metricsPort);
      await using load = startLoad(books, () => service.urls);
      for (let generation = 1; generation <= 3; generation++) {
        const sinceMs = performance.now();
        const before = new Set(service.children());
        service.process.kill("SIGUSR2");
        await until("the next generation answers, alone", DEADLINE_MS, async () => {
          const [only, ...others] = service.children();
          return (
            (others.length === 0 &&
              only !== undefined &&
              !before.has(only) &&
              books.processes(sinceMs).has(`${only}.0`)) ||
            undefined
          );
        });
      }
      await load.stop();
      await pageEqualsBooks(service.metricsPort, books, { mayBeLost: lastMoments(books) });
      assert.deepEqual((await watch.stop()).decreases, []);
      assert.equal(service.stderr(), "");
    } finally {
      await service.stop();
    }
  });
});

describe("a cluster whose workers never listen, by @socket.io/sticky", () => {
  before(function install() {
    this.timeout(300_000);
    installSupervised();
  });

  it("has one page for all of them", async () => {
    const service = await startService("sticky.cjs");
    try {
      const books = new Books();
      await books.askMany(service.urls, 30);
      assert.equal(books.processes().size, 3);
      // the primary's server listens, so the primary is a member as well
      await service.joined(4);
      await books.askMany(service.urls, 9);
      await pageEqualsBooks(service.metricsPort, books);
      assert.equal(service.stderr(), "");
    } finally {
      await service.stop();
    }
  });
});

describe("NestJS in a cluster", () => {
  it("has one page for all workers", async () => {
    const service = await startService("nest.mjs");
    try {
      const asked = 30;
      const pids = new Set<string>();
      for (let id = 0; id < asked; id++) {
        const answer = await fetch(`${service.urls[0]}/cats/${id}`, { headers: { connection: "close" } });
        pids.add(await answer.text());
      }
      assert.equal(pids.size, 3);
      const { samples } = await service.joined(4);
      assert.equal(total(samples, "http_requests_total", { path: "/cats/:id", status_code: "200" }), asked);
      assert.equal(service.stderr(), "");
    } finally {
      await service.stop();
    }
  });
});
