/** Who does not belong to the group at a port: one line says so, with the remedy, and the group goes on. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { REPOSITORY } from "../support/app.ts";
import { freePort } from "../support/free-port.ts";
import { Books } from "../support/processes/books.ts";
import { pageEqualsBooks, servingPid } from "../support/processes/page.ts";
import { PROCESSES, type Service, startService } from "../support/processes/service.ts";
import { until } from "../support/until.ts";

const DEADLINE_MS = 30_000;
const NODEMON = join(REPOSITORY, "test/apps/supervised/node_modules/nodemon/bin/nodemon.js");
const SERVER = join(PROCESSES, "server.cjs");

interface Row {
  readonly title: string;
  readonly env: NodeJS.ProcessEnv;
  /** In the line of the refused process. */
  readonly says: readonly RegExp[];
  readonly args?: readonly string[];
  readonly script?: string;
}

const OTHER = { OTEL_SERVICE_NAME: "other-shop" };

// biome-ignore format: a table, one row a line
const ROWS: readonly Row[] = [
  { title: "another service", env: OTHER, says: [/other-shop/, /\bprocesses\b/] },
  { title: "another service under node --watch, which has process.send", env: OTHER, says: [/other-shop/, /\bprocesses\b/], args: ["--watch", "--watch-preserve-output", SERVER] },
  { title: "another service under nodemon, which has process.send", env: OTHER, says: [/other-shop/, /\bprocesses\b/], args: [NODEMON, "--quiet", "--watch", PROCESSES, SERVER] },
  { title: "other buckets", env: { RED_DURATION_BUCKETS: "0.1,1" }, says: [/RED_DURATION_BUCKETS/] },
  { title: "another RED_PATH_LABEL", env: { RED_PATH_LABEL: "route" }, says: [/RED_PATH_LABEL/] },
];

describe("at a port that has a group is refused", () => {
  const running: Service[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((service) => service.stop()));
  });

  const start = async (options: Parameters<typeof startService>[1], script = "server.cjs") => {
    const service = await startService(script, options);
    running.push(service);
    return service;
  };

  for (const { title, env, says, args } of ROWS)
    it(title, async () => {
      const metricsPort = await freePort(0);
      const first = await start({ metricsPort });
      await first.joined(1);
      const underSupervisor = args === undefined ? {} : { args, flags: [], listening: /listening (\d+)/ };
      const required = args === undefined ? {} : { NODE_OPTIONS: `--require ${join(REPOSITORY, "dist/register.cjs")}` };
      const refused = await start({ metricsPort, env: { ...env, ...required }, ...underSupervisor });
      await until("it says so", DEADLINE_MS, async () => refused.stderr().includes("\n") || undefined);
      const books = new Books();
      await books.askMany(first.urls, 10);
      assert.equal((await new Books().ask(`http://127.0.0.1:${refused.port}`, "/work/1"))?.status, 200);
      assert.equal(servingPid(await pageEqualsBooks(metricsPort, books)), first.process.pid);
      for (const pattern of [new RegExp(String(metricsPort)), /OTEL_EXPORTER_PROMETHEUS_PORT/, ...says])
        assert.match(refused.stderr(), pattern);
      assert.match(refused.stderr(), /^otel-red: .*\n$/, "one line");
      assert.equal(first.stderr(), "");

      // the port is free at last: the refused one takes it, without another word
      await first.stop();
      running.splice(running.indexOf(first), 1);
      const own = new Books();
      await until("the refused one has the port", DEADLINE_MS, () => refused.page());
      const { samples } = await refused.page();
      assert.ok(samples.length > 0);
      await own.askMany([`http://127.0.0.1:${refused.port}`], 3);
      assert.match(refused.stderr(), /^otel-red: .*\n$/, "one line");
    });
});
