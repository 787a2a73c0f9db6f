/** What PM2 does to a service in cluster and in fork mode, under load: one page has the whole service all the time. */
import assert from "node:assert/strict";
import { total } from "../exposition.ts";
import { until } from "../until.ts";
import { Books, startLoad } from "./books.ts";
import { lastMoments, pageEqualsBooks, workers } from "./page.ts";
import { installSupervised, type Mode, type Pm2, startPm2 } from "./pm2.ts";
import { startWatch } from "./watch.ts";

const DEADLINE_MS = 60_000;
/** PM2 ends a process by SIGINT, which `server.cjs` handles; a process that it has just started may have no handler yet. */
interface Step {
  readonly title: string;
  /** The next one when all that the former one has started are on the page: PM2 itself waits for less. */
  readonly commands: readonly (readonly string[])[];
  readonly members: number;
  /** Processes that are new then. */
  readonly started: number;
  readonly modes: readonly Mode[];
}

// biome-ignore format: a table, one row a line
const STEPS: readonly Step[] = [
  { title: "reload", commands: [["reload", "all"]], members: 4, started: 4, modes: ["cluster"] },
  { title: "restart, one after the other", commands: [["restart", "0"], ["restart", "1"], ["restart", "2"], ["restart", "3"]], members: 4, started: 4, modes: ["cluster", "fork"] },
  { title: "scale up", commands: [["scale", "processes", "5"]], members: 5, started: 1, modes: ["cluster"] },
  { title: "scale down", commands: [["scale", "processes", "2"]], members: 2, started: 0, modes: ["cluster"] },
];
const INSTANCES = 4;

/** @param version its name among the packages of `test/apps/supervised` */
export function describePm2(version: "pm2" | "pm2-6"): void {
  describe(version, function pm2() {
    this.timeout(180_000);
    before(function install() {
      this.timeout(300_000);
      installSupervised();
    });

    for (const mode of ["cluster", "fork"] as const)
      describe(`in ${mode} mode`, () => {
        let running: Pm2;
        const books = new Books();
        before(async () => {
          running = await startPm2(version, mode, INSTANCES);
        });
        after(() => running?.stop());

        const numbers = (count: number) => Array.from({ length: count }, (_, i) => String(i + 1));
        const joined = (members: number) =>
          until(`${members} workers are on the page`, DEADLINE_MS, async () => {
            assert.deepEqual(workers(await running.service.page()).length, members);
            return true;
          });

        /** How many have joined so far. */
        const joins = async () => total((await running.service.page()).samples, "otel_red_workers_joined_total");

        it("start", async () => {
          await joined(INSTANCES);
          await until("all have answered", DEADLINE_MS, async () => {
            await books.askMany(running.service.urls, 10);
            return books.processes().size === INSTANCES || undefined;
          });
          assert.deepEqual(workers(await pageEqualsBooks(running.service.metricsPort, books)), numbers(INSTANCES));
        });

        for (const { title, commands, members, started, modes } of STEPS)
          if (modes.includes(mode))
            it(`${title}, under load`, async () => {
              const { metricsPort, urls } = running.service;
              const former = books.processes();
              await using watch = startWatch(metricsPort);
              await using load = startLoad(books, () => urls, 2);
              const startedAtMs = performance.now();
              for (const [at, command] of commands.entries()) {
                const before = await joins();
                await running.command(...command);
                await until("they have joined", DEADLINE_MS, async () => {
                  return (await joins()) >= before + started / commands.length || undefined;
                });
                if (at === commands.length - 1) await joined(members);
              }
              await until("the processes have answered", DEADLINE_MS, async () => {
                const now = books.processes(startedAtMs);
                const fresh = [...now].filter((by) => !former.has(by));
                return fresh.length >= started || undefined;
              });
              await load.stop();
              await pageEqualsBooks(metricsPort, books, { mayBeLost: lastMoments(books) });
              assert.deepEqual((await watch.stop()).decreases, []);
            });

        it("has nothing on stderr", () => assert.equal(running.service.stderr(), ""));
      });
  });
}
