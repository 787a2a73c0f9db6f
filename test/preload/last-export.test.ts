/** What is pushed when a process ends, and that it ends as it would have: each row of the table in docs/exporters.md. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { CLIENT_FAMILIES, FAMILIES } from "../../src/view/red.ts";
import { type App, INSTRUMENTATIONS, REPOSITORY, startApp } from "../support/app.ts";
import { attributesOf, parseExports } from "../support/otlp-json.ts";
import { type OtlpReceiver, startOtlpReceiver } from "../support/servers/otlp-receiver.ts";

const APP = join(REPOSITORY, "test/apps/otlp/ending.cjs");
/** So long that what is exported was exported at the end. */
const NEVER = {
  OTEL_METRIC_EXPORT_INTERVAL: "3600000",
  OTEL_METRIC_EXPORT_TIMEOUT: "60000",
  OTEL_EXPORTER_OTLP_TIMEOUT: "60000",
};
const REQUESTS = 3;
/** The second of the last flush, and as much as a slow machine may take; well below the export timeout of 60 s. */
const LONGEST_MS = 15_000;

interface Row {
  readonly ending: string;
  /** Sent from outside; default: it is asked for /end. */
  readonly signal?: NodeJS.Signals;
  readonly exit: number | NodeJS.Signals;
  readonly flushed: boolean;
}

const ROWS: readonly Row[] = [
  { ending: "nothing_left", exit: 3, flushed: true },
  { ending: "nothing_left_but_more", exit: 0, flushed: true },
  { ending: "exit", exit: 3, flushed: true },
  { ending: "exception", exit: 1, flushed: true },
  { ending: "rejection", exit: 1, flushed: true },
  { ending: "signal", signal: "SIGTERM", exit: "SIGTERM", flushed: true },
  { ending: "signal", signal: "SIGINT", exit: "SIGINT", flushed: true },
  { ending: "signal_exit", signal: "SIGTERM", exit: 4, flushed: true },
  { ending: "signal_exit", signal: "SIGINT", exit: 4, flushed: true },
  { ending: "signal_late_exit", signal: "SIGTERM", exit: 5, flushed: true },
  { ending: "signal_close", signal: "SIGTERM", exit: 0, flushed: true },
  { ending: "signal", signal: "SIGHUP", exit: "SIGHUP", flushed: false },
  { ending: "signal", signal: "SIGKILL", exit: "SIGKILL", flushed: false },
];

interface Ended {
  readonly exit: number | NodeJS.Signals;
  /** Without the port. */
  readonly stdout: string;
  readonly stderr: string;
}

async function end(app: App, { signal }: Row): Promise<{ ended: Ended; tookMs: number }> {
  for (let request = 0; request < REQUESTS; request++) await (await fetch(`${app.url}/users/${request}`)).text();
  const startedAtMs = performance.now();
  if (signal) app.process.kill(signal);
  else await (await fetch(`${app.url}/end`)).text();
  const exit = await app.exited;
  const tookMs = performance.now() - startedAtMs;
  return { ended: { exit, stdout: app.stdout().replace(/\d+\n/, "\n"), stderr: app.stderr() }, tookMs };
}

async function bare(row: Row): Promise<Ended> {
  const app = await startApp({ args: [APP], flags: [], expectsMetrics: false, env: { ENDING: row.ending } });
  return (await end(app, row)).ended;
}

const start = (row: Row, env: NodeJS.ProcessEnv) =>
  startApp({
    args: [APP],
    expectsMetrics: false,
    env: { ...NEVER, ENDING: row.ending, OTEL_LOG_LEVEL: "warn", ...env },
  });

/** Requests for /users/:id, by the last export. */
const told = (receiver: OtlpReceiver) => counted(receiver, FAMILIES.requests.name, { path: "/users/:id" });

/** Of a counter or a gauge, by the last export. */
function counted({ received }: OtlpReceiver, family: string, labels: Record<string, string>): number | undefined {
  const last = received.at(-1);
  if (last === undefined) return undefined;
  const metrics = parseExports(`${last.body}\n`).flatMap(({ metrics }) => metrics);
  const metric = metrics.find(({ name }) => name === family);
  const points = (metric?.sum ?? metric?.gauge)?.dataPoints ?? [];
  const point = points.find((point) =>
    Object.entries(labels).every(([name, value]) => attributesOf(point)[name] === value),
  );
  return point && Number(point.asInt ?? point.asDouble);
}

describe("the last export", function () {
  // a machine that is busy elsewhere may need more than the second that there is
  this.retries(3);

  let receiver: OtlpReceiver;
  beforeEach(async () => {
    receiver = await startOtlpReceiver();
  });
  afterEach(() => receiver.stop());

  for (const row of ROWS) {
    const { exit, flushed } = row;
    const what = [row.ending, row.signal].filter(Boolean).join(" ");
    const otlp = () => ({
      OTEL_METRICS_EXPORTER: "otlp",
      OTEL_LOG_LEVEL: "warn",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    });

    it(`${what}: ${flushed ? "has" : "has not"} the last counts, and it ends as without us`, async () => {
      const { ended } = await end(await start(row, otlp()), row);
      assert.equal(ended.exit, exit);
      assert.equal(told(receiver), flushed ? REQUESTS : undefined);
      assert.equal(receiver.received.length, flushed ? 1 : 0, "they are told once");
      assert.deepEqual(ended, await bare(row));
    });

    it(`${what}: a collector that hangs is not waited for`, async () => {
      receiver.answer = undefined;
      const { ended, tookMs } = await end(await start(row, otlp()), row);
      assert.deepEqual(ended, await bare(row));
      assert.ok(tookMs < LONGEST_MS, `${tookMs} ms`);
    });

    it(`${what}, on the console: ${flushed ? "has" : "has not"} the last counts`, async () => {
      const { ended } = await end(await start(row, { OTEL_METRICS_EXPORTER: "console", OTEL_LOG_LEVEL: "warn" }), row);
      assert.equal(ended.exit, exit);
      assert.equal(/path: '\/users\/:id'/.test(ended.stdout), flushed);
      assert.equal(ended.stderr, (await bare(row)).stderr);
    });
  }

  for (const { ending, signal, exit } of ROWS.filter(({ ending }) =>
    /^(nothing_left|exit|exception|rejection|signal_exit)$/.test(ending),
  )) {
    for (const instrumentation of INSTRUMENTATIONS) {
      for (const exporter of ["otlp", "console"]) {
        const what = [ending, signal, instrumentation, exporter].filter(Boolean).join(", ");
        it(`${what}: has the application's own counts, and outgoing requests`, async () => {
          const row: Row = { ending, ...(signal && { signal }), exit, flushed: true };
          const app = await start(row, {
            OTEL_METRICS_EXPORTER: exporter,
            OTEL_LOG_LEVEL: "warn",
            OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
            OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
            RED_HTTP_INSTRUMENTATION: instrumentation,
            RED_CLIENT_METRICS: "true",
          });
          assert.equal(await (await fetch(`${app.url}/order`)).text(), "ordered");
          const { ended } = await end(app, row);
          assert.equal(ended.exit, exit);
          if (exporter === "console") {
            for (const name of [
              /path: '\/users\/:id'/,
              /name: 'orders'/,
              /name: 'shelves'/,
              /name: 'http_client_requests_total'/,
            ])
              assert.match(ended.stdout, name);
            return;
          }
          assert.equal(told(receiver), REQUESTS);
          assert.equal(counted(receiver, "orders", { kind: "book" }), 2);
          assert.equal(counted(receiver, "shelves", { aisle: "a" }), 7);
          assert.ok(counted(receiver, "process_resident_memory_bytes", {}), "the process's own are asked for, too");
          assert.equal(counted(receiver, CLIENT_FAMILIES.requests.name, { status_code: "200" }), 1);
          assert.equal(receiver.received.length, 1, "they are told once");
        });
      }
    }
  }

  for (const { exporters, answer, exports } of [
    { exporters: "otlp", answer: 200, exports: 1 },
    { exporters: "otlp", answer: undefined, exports: 1 },
    { exporters: "prometheus", answer: 200, exports: 0 },
    { exporters: "console,prometheus", answer: 200, exports: 0 },
  ] as const) {
    const collector = answer === undefined ? ", where the collector hangs" : "";
    it(`shutdown(), awaited as the last thing a module does, of ${exporters}${collector}`, async () => {
      receiver.answer = answer;
      const app = await startApp({
        args: [join(REPOSITORY, "test/apps/otlp/shutdown.mjs")],
        flags: [],
        expectsMetrics: exporters.includes("prometheus"),
        env: {
          ...NEVER,
          OTEL_METRICS_EXPORTER: exporters,
          OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
          OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        },
      });
      const startedAtMs = performance.now();
      await (await fetch(`${app.url}/users/1`)).text();
      assert.equal(await app.exited, 0, app.stderr());
      assert.ok(performance.now() - startedAtMs < LONGEST_MS);
      assert.match(app.stdout(), /^shut down$/m);
      assert.equal(receiver.received.length, exports);
      if (exports > 0) assert.equal(told(receiver), 1);
    });
  }

  it("where nothing is pushed there is nothing to flush, and no listener", async () => {
    const app = await startApp({ args: [APP], env: { ENDING: "exit" } });
    try {
      assert.deepEqual(await (await fetch(`${app.url}/listeners`)).json(), {});
    } finally {
      await app.stop();
    }
  });

  it("a second signal does not wait for the first one's flush", async () => {
    receiver.answer = undefined;
    const row: Row = { ending: "signal", signal: "SIGTERM", exit: "SIGINT", flushed: false };
    const app = await start(row, {
      OTEL_METRICS_EXPORTER: "otlp",
      OTEL_LOG_LEVEL: "warn",
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    });
    await fetch(`${app.url}/users/1`);
    app.process.kill("SIGTERM");
    const sent = performance.now();
    while (receiver.received.length === 0 && performance.now() - sent < LONGEST_MS) await fetch(`${app.url}/users/1`);
    app.process.kill("SIGINT");
    assert.equal(await app.exited, "SIGINT");
  });

  it("under delta temporality tells what the exports before have not told", async () => {
    const row: Row = { ending: "exit", exit: 3, flushed: true };
    const app = await start(row, {
      OTEL_METRICS_EXPORTER: "otlp",
      OTEL_LOG_LEVEL: "warn",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: "delta",
      OTEL_METRIC_EXPORT_INTERVAL: "300",
      OTEL_METRIC_EXPORT_TIMEOUT: "300",
    });
    await end(app, row);
    const counts = receiver.received.map(({ body }) =>
      parseExports(`${body}\n`)
        .flatMap(({ metrics }) => metrics)
        .filter(({ name }) => name === FAMILIES.requests.name)
        .flatMap(({ sum }) => sum?.dataPoints ?? [])
        .reduce((sum, { asInt }) => sum + Number(asInt), 0),
    );
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      REQUESTS + 1,
    );
  });
});
