/** What an application of several processes can see of the group: one listener for `exit`, one TCP port, and nothing else. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { REGISTER, REPOSITORY, startApp } from "../support/app.ts";
import { freePort } from "../support/free-port.ts";
import { joined, PROCESSES } from "../support/processes/service.ts";

const NOTHING = join(REPOSITORY, "test/apps/harm/nothing.cjs");

type Counts = Record<string, number>;
interface Look {
  readonly process: Counts;
  readonly server?: Counts;
  readonly tcp: number;
}
interface Seen {
  readonly events: string[];
  /** Messages between a cluster's primary and its workers that Node keeps from the application. */
  readonly internal: string[];
  readonly reports: (Look & { received: string })[];
  readonly parent: Look & { cluster: Counts; members: Counts[] };
}

interface Run {
  readonly exit: number | NodeJS.Signals;
  readonly stderr: string;
  readonly seen: Seen;
}

async function runMirror(mode: string, preload: string, members: number): Promise<Run> {
  const port = await freePort(0);
  const app = await startApp({
    flags: ["--require", preload],
    args: [join(PROCESSES, "mirror.cjs"), mode],
    env: { OTEL_EXPORTER_PROMETHEUS_PORT: String(port), OTEL_LOG_LEVEL: "" },
    expectsMetrics: false,
    ownGroup: true,
  });
  if (members > 0) await joined(port, members);
  app.process.kill("SIGUSR2");
  const stuck = setTimeout(() => void app.stop("SIGKILL"), 20_000);
  const exit = await app.exited.finally(() => clearTimeout(stuck));
  const last = app.stdout().trim().split("\n").at(-1) ?? "";
  return { exit, stderr: app.stderr(), seen: JSON.parse(last) as Seen };
}

/** Without the listeners that belong to one process: `exit` of the group, and those that a lone process has of us. */
function withoutOurs(counts: Counts, ours: Counts): Counts {
  const rest = Object.entries(counts).map(([name, count]) => [name, count - (ours[name] ?? 0)] as const);
  return Object.fromEntries(rest.filter(([, count]) => count > 0));
}

const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);

describe("an application of several processes sees nothing of the group", function unfelt() {
  this.timeout(120_000);

  /** Of one process that serves alone: not what this is about. */
  let alone: Counts;
  before(async () => {
    alone = await listenersOfLoneServer(REGISTER);
    const bare = await listenersOfLoneServer(NOTHING);
    alone = withoutOurs(alone, bare);
  });

  for (const { mode, members } of [
    { mode: "cluster", members: 3 },
    { mode: "fork", members: 2 },
    { mode: "threads", members: 2 },
  ])
    it(mode, async () => {
      const bare = await runMirror(mode, NOTHING, 0);
      const under = await runMirror(mode, REGISTER, members);
      assert.deepEqual([under.exit, under.stderr], [bare.exit, bare.stderr]);
      assert.deepEqual(under.seen.events, bare.seen.events);
      assert.deepEqual(under.seen.internal, bare.seen.internal);
      const { cluster, members: emitters } = under.seen.parent;
      assert.deepEqual([cluster, emitters], [bare.seen.parent.cluster, bare.seen.parent.members]);
      const ours = { ...alone, exit: (alone.exit ?? 0) + 1 };
      for (const [at, report] of under.seen.reports.entries()) {
        assert.equal(report.received, "finish");
        const without = bare.seen.reports[at]?.process ?? {};
        for (const [name, count] of Object.entries(report.process))
          assert.ok(count <= (without[name] ?? 0) + ((ours as Counts)[name] ?? 0), `${name}: ${count} listeners`);
      }
      const ports = ({ seen }: Run) => [seen.parent, ...seen.reports].map(({ tcp }) => tcp);
      // threads see the ports of the whole process
      if (mode !== "threads") assert.equal(sum(ports(under)), sum(ports(bare)) + 1);
      else assert.equal(Math.max(...ports(under)) <= Math.max(...ports(bare)) + 1, true);
    });
});

/** Of `process`. */
async function listenersOfLoneServer(preload: string): Promise<Counts> {
  const port = await freePort(0);
  const program = `const { createServer } = require("node:http");
    const server = createServer((_request, response) => {
      const counts = process.eventNames().map((name) => [String(name), process.listenerCount(name)]);
      response.setHeader("connection", "close").end(JSON.stringify(Object.fromEntries(counts)));
    });
    server.listen(0, "127.0.0.1", () => console.log("listening " + server.address().port));`;
  const app = await startApp({
    flags: ["--require", preload],
    args: ["--eval", program],
    env: { OTEL_EXPORTER_PROMETHEUS_PORT: String(port), OTEL_LOG_LEVEL: "" },
    expectsMetrics: false,
  });
  try {
    if (preload === REGISTER) await joined(port, 1);
    return (await (await fetch(app.url)).json()) as Counts;
  } finally {
    await app.stop();
  }
}
