/** OTLP over gRPC, as the application feels it when it ends: as over HTTP, whatever the collector does. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { FAMILIES } from "../../src/view/red.ts";
import { type App, REPOSITORY, startApp } from "../support/app.ts";
import { type GrpcReceiver, startGrpcReceiver } from "../support/servers/grpc-receiver.ts";
import { until } from "../support/until.ts";

const APPS = join(REPOSITORY, "test/apps/otlp");
const DEADLINE_MS = 15_000;
const NEVER = {
  OTEL_METRIC_EXPORT_INTERVAL: "3600000",
  OTEL_METRIC_EXPORT_TIMEOUT: "60000",
  OTEL_EXPORTER_OTLP_TIMEOUT: "60000",
};
/** Under way when the process ends. An export that takes longer than this is not waited for by the next one. */
const OFTEN = { OTEL_METRIC_EXPORT_INTERVAL: "1500", OTEL_EXPORTER_OTLP_TIMEOUT: "60000" };
/** The second of the last flush, and as much as a slow machine may take; well below the export's own 60 s. */
const LONGEST_MS = 15_000;

const start = (script: string, address: string, env: NodeJS.ProcessEnv) =>
  startApp({
    args: [join(APPS, script)],
    expectsMetrics: false,
    env: {
      OTEL_METRICS_EXPORTER: "otlp",
      OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://${address}`,
      OTEL_LOG_LEVEL: "warn",
      ...env,
    },
  });

async function endNaturally(app: App): Promise<{ exit: number | NodeJS.Signals; tookMs: number }> {
  await (await fetch(`${app.url}/stop`)).text();
  const startedAtMs = performance.now();
  return { exit: await app.exited, tookMs: performance.now() - startedAtMs };
}

describe("OTLP over gRPC", () => {
  let receiver: GrpcReceiver;
  beforeEach(async () => {
    receiver = await startGrpcReceiver();
  });
  afterEach(() => receiver.stop());

  const arrived = (count = 1) =>
    until(`${count} exports`, DEADLINE_MS, async () => receiver.received.length >= count || undefined);

  it("a collector that hangs delays the natural end by no more than the second of the last flush", async () => {
    receiver.answer = undefined;
    const app = await start("server.cjs", receiver.address, { ...OFTEN, EXIT_CODE: "3" });
    await arrived();
    const { exit, tookMs } = await endNaturally(app);
    assert.equal(exit, 3);
    assert.ok(tookMs < LONGEST_MS, `${tookMs} ms`);
    assert.equal(app.stderr(), "");
  });

  it("nor does one that accepts connections and never says a word", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    const connected = once(silent, "connection");
    await once(silent, "listening");
    const app = await start("server.cjs", `127.0.0.1:${(silent.address() as AddressInfo).port}`, OFTEN);
    const [socket] = await connected;
    const { exit, tookMs } = await endNaturally(app);
    socket.destroy();
    silent.close();
    assert.equal(exit, 0);
    assert.ok(tookMs < LONGEST_MS, `${tookMs} ms`);
  });

  it("a call of the application's own to the same collector keeps the process as it does without us", async () => {
    receiver.answer = undefined;
    const app = await start("own-grpc.cjs", receiver.address, OFTEN);
    await arrived();
    const { exit } = await endNaturally(app);
    assert.equal(exit, 0);
    assert.match(app.stdout(), /^own: 4$/m, "DEADLINE_EXCEEDED, at its own deadline");
  });

  it("an outage is a line for each kind of failure, and one that it is over", async () => {
    receiver.answer = 14;
    const app = await start("server.cjs", receiver.address, { OTEL_METRIC_EXPORT_INTERVAL: "200" });
    try {
      await arrived(3);
      receiver.answer = 8;
      await arrived(receiver.received.length + 3);
      receiver.answer = 0;
      await until("it is over", DEADLINE_MS, async () => app.stderr().includes("again") || undefined);
      const lines = app.stderr().trimEnd().split("\n");
      assert.equal(lines.length, 3, app.stderr());
      for (const [index, said] of [/ fail: 14 UNAVAILABLE/, / fail: 8 RESOURCE_EXHAUSTED/, / again$/].entries()) {
        assert.match(lines[index] ?? "", said);
      }
    } finally {
      await app.stop();
    }
  });

  for (const { ending, signal, exit } of [
    { ending: "nothing_left", exit: 3 },
    { ending: "exit", exit: 3 },
    { ending: "exception", exit: 1 },
    { ending: "signal", signal: "SIGTERM", exit: "SIGTERM" },
    { ending: "signal_exit", signal: "SIGTERM", exit: 4 },
  ] as { ending: string; signal?: NodeJS.Signals; exit: number | NodeJS.Signals }[]) {
    for (const answer of [0, undefined]) {
      it(`${ending}, and a collector that ${answer === 0 ? "answers: it has" : "hangs: it was sent"} the last counts`, async function () {
        // a machine that is busy elsewhere may need more than the second that there is
        this.retries(3);
        receiver.answer = answer;
        const app = await start("ending.cjs", receiver.address, { ...NEVER, ENDING: ending });
        await (await fetch(`${app.url}/users/1`)).text();
        const before = receiver.received.length;
        const startedAtMs = performance.now();
        if (signal) app.process.kill(signal);
        else await (await fetch(`${app.url}/end`)).text();
        assert.equal(await app.exited, exit);
        const tookMs = performance.now() - startedAtMs;
        assert.ok(tookMs < LONGEST_MS, `${tookMs} ms`);
        const last = receiver.received.slice(before);
        assert.equal(last.length, 1, "they are told once");
        assert.ok(last[0]?.message.includes("/users/:id"));
      });
    }
  }

  it("what is too large for the collector arrives in parts, and is no failure", async () => {
    receiver.largestBytes = 15_000;
    const app = await start("points.cjs", receiver.address, { OTEL_METRIC_EXPORT_INTERVAL: "200" });
    const CUSTOMERS = 500;
    const has = (customer: number) =>
      receiver.received.some(({ message }) => message.length <= 15_000 && message.includes(`customer-${customer}`));
    try {
      await until("all have arrived", DEADLINE_MS, async () => {
        for (let customer = 0; customer < CUSTOMERS; customer++) if (!has(customer)) return undefined;
        return true;
      });
      assert.ok(
        receiver.received.some(({ message }) => message.length > 15_000),
        "it was too large at first",
      );
      assert.equal(app.stderr(), "");
    } finally {
      await app.stop();
    }
  });

  it("tells the collector's reason and the remedy where not even a part gets through", async () => {
    receiver.largestBytes = 10;
    const app = await start("server.cjs", receiver.address, { OTEL_METRIC_EXPORT_INTERVAL: "200" });
    try {
      await until("it is said", DEADLINE_MS, async () => app.stderr().includes("\n") || undefined);
      assert.match(
        app.stderr(),
        /^otel-red: [^\n]* fail: 8 RESOURCE_EXHAUSTED: grpc: received message larger than max \(\d+ vs\. 10\)\. [^\n]*max_recv_msg_size_mib[^\n]*\n/,
      );
    } finally {
      await app.stop();
    }
  });

  it("attributes that another thread cannot have are no reason to withhold the rest", async () => {
    const app = await start("odd-attributes.cjs", receiver.address, { OTEL_METRIC_EXPORT_INTERVAL: "200" });
    try {
      await arrived();
      const [first] = receiver.received;
      for (const name of [FAMILIES.labelSets.name, "orders"]) assert.ok(first?.message.includes(name), name);
      assert.equal(app.stderr(), "");
    } finally {
      await app.stop();
    }
  });
});
