/** Pushing, as the application feels it: not at all, whatever the collector does. */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FAMILIES } from "../../src/view/red.ts";
import { type App, REPOSITORY, startApp } from "../support/app.ts";
import { freePort } from "../support/free-port.ts";
import { attributesOf, parseExports } from "../support/otlp-json.ts";
import { type OtlpReceiver, startOtlpReceiver } from "../support/servers/otlp-receiver.ts";
import { until } from "../support/until.ts";

const SERVER = join(REPOSITORY, "test/apps/otlp/server.cjs");
const DEADLINE_MS = 15_000;
/** So long that what is exported was exported at the end. */
const NEVER = { OTEL_METRIC_EXPORT_INTERVAL: "3600000" };
const OFTEN = { OTEL_METRIC_EXPORT_INTERVAL: "100" };
/** What an export itself would wait; its retries are over after 13 s. */
const HANGING = { ...OFTEN, OTEL_EXPORTER_OTLP_TIMEOUT: "60000" };
/** The second of the last flush, and as much as a slow machine may take: well below what the export itself would wait. */
const LONGEST_MS = 10_000;

const start = (env: NodeJS.ProcessEnv) =>
  startApp({
    args: [SERVER],
    expectsMetrics: false,
    env: { OTEL_METRICS_EXPORTER: "otlp", OTEL_LOG_LEVEL: "warn", ...env },
  });

/** Has it close its server, waits for its natural end, and gives the exit code and how long that took. */
async function endNaturally(app: App): Promise<{ exit: number | NodeJS.Signals; tookMs: number }> {
  await (await fetch(`${app.url}/stop`)).text();
  const startedAtMs = performance.now();
  return { exit: await app.exited, tookMs: performance.now() - startedAtMs };
}

describe("OTLP over HTTP", () => {
  let receiver: OtlpReceiver;
  beforeEach(async () => {
    receiver = await startOtlpReceiver();
  });
  afterEach(() => receiver.stop());

  const arrived = (count = 1) =>
    until(`${count} exports`, DEADLINE_MS, async () =>
      receiver.received.length >= count ? receiver.received : undefined,
    );

  for (const { env, url = "/v1/metrics", headers } of [
    { env: {}, headers: { "content-type": "application/x-protobuf", "content-encoding": undefined } },
    { env: { OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" }, headers: { "content-type": "application/json" } },
    {
      env: { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc", OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: "http/json" },
      headers: { "content-type": "application/json" },
    },
    { env: { OTEL_EXPORTER_OTLP_COMPRESSION: "gzip" }, headers: { "content-encoding": "gzip" } },
    { env: { OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: "gzip" }, headers: { "content-encoding": "gzip" } },
    {
      env: {
        OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=a,x-key=1%2B1",
        OTEL_EXPORTER_OTLP_METRICS_HEADERS: "x-tenant=metrics",
      },
      headers: { "x-tenant": "metrics", "x-key": "1+1" },
    },
    { env: { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "/as/it/is" }, url: "/as/it/is", headers: {} },
  ] as { env: NodeJS.ProcessEnv; url?: string; headers: Record<string, string | undefined> }[]) {
    it(`${JSON.stringify(env)}: ${url} with ${JSON.stringify(headers)}`, async () => {
      const { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: path, ...others } = env;
      const endpoints = path
        ? {
            OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: receiver.url + path,
            OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
          }
        : { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
      const app = await start({ ...OFTEN, ...endpoints, ...others });
      try {
        const [first] = await arrived();
        assert.equal(first?.url, url);
        for (const [name, value] of Object.entries(headers)) assert.equal(first?.headers[name], value);
        assert.ok(first?.body.includes(FAMILIES.labelSets.name), "it carries metrics");
        assert.equal(app.stderr(), "");
      } finally {
        await app.stop();
      }
    });
  }

  it("what was counted since the last export is flushed at the natural end, and the exit code stays", async () => {
    const app = await start({ ...NEVER, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, EXIT_CODE: "3" });
    await fetch(`${app.url}/users/1`);
    const { exit } = await endNaturally(app);
    assert.equal(exit, 3);
    assert.equal(receiver.received.length, 1);
    assert.ok(receiver.received[0]?.body.includes("/users/:id"));
    assert.equal(app.stderr(), "");
  });

  it("a collector that hangs delays the natural end by no more than the second of the last flush", async () => {
    receiver.answer = undefined;
    const app = await start({ ...HANGING, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, EXIT_CODE: "3" });
    await arrived();
    const { exit, tookMs } = await endNaturally(app);
    assert.equal(exit, 3);
    assert.ok(tookMs < LONGEST_MS, `${tookMs} ms`);
  });

  it("retries that are due do not keep the process", async () => {
    receiver.answer = 503;
    const app = await start({ ...HANGING, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    await arrived();
    const { exit, tookMs } = await endNaturally(app);
    assert.equal(exit, 0);
    assert.ok(tookMs < LONGEST_MS, `${tookMs} ms`);
  });

  for (const status of [200, undefined]) {
    it(`SIGTERM ends it as ever where the collector ${status ? "answers" : "hangs"}`, async () => {
      receiver.answer = status;
      const app = await start({ ...OFTEN, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
      await arrived();
      assert.equal(await app.stop("SIGTERM"), "SIGTERM");
    });
  }

  it("an outage is one line, and its end another", async () => {
    receiver.answer = 400;
    const app = await start({ ...OFTEN, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    const said = (what: string) =>
      until("it is said", DEADLINE_MS, async () => app.stderr().includes(what) || undefined);
    try {
      await said(" fail: ");
      await arrived(receiver.received.length + 5);
      const failing = `otel-red: exports to ${receiver.url}/v1/metrics fail: Bad Request (400). Counts are kept while the process runs, and the next export that succeeds has them; points in time until then are lost. This does not pass by itself: the collector's log says what it does not accept\n`;
      assert.equal(app.stderr(), failing);
      receiver.answer = 200;
      await said(" again\n");
      await arrived(receiver.received.length + 5);
      assert.equal(app.stderr(), `${failing}otel-red: exports to ${receiver.url}/v1/metrics succeed again\n`);
    } finally {
      await app.stop();
    }
  });

  for (const temporality of ["cumulative", "delta"]) {
    it(`http/json, ${temporality}: points that are not finite are left out, said once, and all the rest arrives`, async () => {
      const app = await startApp({
        args: [join(REPOSITORY, "test/apps/otlp/points.cjs")],
        expectsMetrics: false,
        env: {
          ...OFTEN,
          OTEL_METRICS_EXPORTER: "otlp",
          OTEL_LOG_LEVEL: "warn",
          OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
          OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
          OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: temporality,
        },
      });
      try {
        await arrived(3);
        const [first] = receiver.received;
        const metrics = parseExports(`${first?.body}\n`).flatMap(({ metrics }) => metrics);
        for (const name of ["gauge", "counter", "histogram", "observed"]) {
          const { sum, gauge, histogram } = metrics.find((metric) => metric.name === name) ?? {};
          const points = (sum ?? gauge ?? histogram)?.dataPoints ?? [];
          assert.deepEqual(points.map(attributesOf), [{ value: "good" }], name);
        }
        assert.ok(metrics.some(({ name }) => name === FAMILIES.labelSets.name));
        for (const { body } of receiver.received) assert.doesNotMatch(body.toString(), /null|NaN|Infinity/);
        const lines = app.stderr().trimEnd().split("\n");
        assert.deepEqual(
          lines
            .map((line) => /^otel-red: (\w+) has a value .*=http\/protobuf carries them$/.exec(line)?.[1] ?? line)
            .sort(),
          ["counter", "gauge", "histogram", "observed"],
        );
      } finally {
        await app.stop();
      }
    });
  }

  for (const { protocol, type, body } of [
    { protocol: "http/json", type: "application/json", body: '{"code":3,"message":"bad\\u001b[31m value"}' },
    { protocol: "http/protobuf", type: "application/x-protobuf", body: "\b\u0003\u0012\u000fbad\u001b[31m value" },
  ]) {
    it(`${protocol}: a refusal for good is told with the collector's reason`, async () => {
      receiver.answer = (response) => void response.writeHead(400, { "content-type": type }).end(body);
      const env = { OTEL_EXPORTER_OTLP_PROTOCOL: protocol, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
      const app = await start({ ...OFTEN, ...env });
      try {
        await until("it is said", DEADLINE_MS, async () => app.stderr().includes("\n") || undefined);
        assert.match(
          app.stderr(),
          /^otel-red: [^\n]* fail: Bad Request \(400\): bad\\u\{1b\}\[31m value\. [^\n]*\. This does not pass by itself: [^\n]*\n$/,
        );
        assert.doesNotMatch(app.stderr(), /[Nn]othing is lost/);
      } finally {
        await app.stop();
      }
    });
  }

  it("what is too large for the collector arrives in parts, and is no failure", async () => {
    const LARGEST_BYTES = 100_000;
    receiver.answer = (response, { length }) => void response.writeHead(length > LARGEST_BYTES ? 413 : 200).end();
    const app = await startApp({
      args: [join(REPOSITORY, "test/apps/otlp/points.cjs")],
      expectsMetrics: false,
      env: {
        ...OFTEN,
        OTEL_METRICS_EXPORTER: "otlp",
        OTEL_LOG_LEVEL: "error",
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      },
    });
    try {
      const customers = () =>
        new Set(
          receiver.received
            .filter(({ body }) => body.length <= LARGEST_BYTES)
            .flatMap(({ body }) => parseExports(`${body}\n`).flatMap(({ metrics }) => metrics))
            .filter(({ name }) => name === "orders")
            .flatMap(({ sum }) => sum?.dataPoints.map((point) => attributesOf(point).customer) ?? []),
        );
      await until("all have arrived", DEADLINE_MS, async () => customers().size === 500 || undefined);
      assert.ok(
        receiver.received.some(({ body }) => body.length > LARGEST_BYTES),
        "it was too large at first",
      );
      assert.equal(app.stderr(), "");
    } finally {
      await app.stop();
    }
  });

  it("under delta temporality the line says what is lost", async () => {
    receiver.answer = 400;
    const OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE = "delta";
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE };
    const app = await start({ ...OFTEN, ...env });
    try {
      await until("it is said", DEADLINE_MS, async () => app.stderr().includes("\n") || undefined);
      assert.match(
        app.stderr(),
        /^otel-red: [^\n]* fail: Bad Request \(400\)\. What they would have told is lost; [^\n]* This does not pass by itself: [^\n]*\n$/,
      );
    } finally {
      await app.stop();
    }
  });

  it("bad values are warned of, one line each, and the defaults hold", async () => {
    const app = await start({
      ...OFTEN,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_TIMEOUT: "-5",
      OTEL_EXPORTER_OTLP_COMPRESSION: "brotli",
      OTEL_EXPORTER_OTLP_CERTIFICATE: "/nowhere.pem",
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: "sometimes",
      OTEL_EXPORTER_OTLP_PROTOCOL: "smtp",
    });
    try {
      const [first] = await arrived();
      assert.equal(first?.headers["content-type"], "application/x-protobuf");
      const lines = app.stderr().trimEnd().split("\n");
      assert.equal(lines.length, 5, app.stderr());
      for (const [index, said] of [
        /^otel-red: OTEL_EXPORTER_OTLP_PROTOCOL="smtp" is not accepted: expected grpc, http\/protobuf or http\/json; /,
        /^otel-red: .*OTEL_EXPORTER_OTLP_TIMEOUT is invalid/,
        /^otel-red: .*OTEL_EXPORTER_OTLP_COMPRESSION is invalid, .*'brotli'/,
        /^otel-red: Failed to read root certificate file/,
        /^otel-red: OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE is set to 'sometimes'/,
      ].entries()) {
        assert.match(lines[index] ?? "", said);
      }
    } finally {
      await app.stop();
    }
  });

  it("an application with tracing of its own has no spans of our exports", async () => {
    const app = await start({ ...OFTEN, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OWN_TRACING: "1" });
    await (await fetch(`${app.url}/ask`)).text();
    await arrived(3);
    const { exit } = await endNaturally(app);
    assert.equal(exit, 0);
    const spans = JSON.parse(/^spans (.*)$/m.exec(app.stdout())?.[1] ?? "") as string[];
    // kinds: 1 is a server's, 2 a client's
    assert.deepEqual(spans.toSorted(), ["1 /ask", "1 /asked", "1 /stop", "2 /asked"]);
    for (const { headers } of receiver.received) assert.equal(headers.traceparent, undefined);
  });
});

describe("OTLP without a collector", () => {
  for (const protocol of ["http/protobuf", "grpc"]) {
    it(`${protocol}: one line, and the application ends when it wants to`, async () => {
      const endpoint = `http://127.0.0.1:${await freePort(0)}`;
      const env = { OTEL_EXPORTER_OTLP_PROTOCOL: protocol, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
      const app = await start({ ...OFTEN, ...env, OTEL_EXPORTER_OTLP_TIMEOUT: "300" });
      await until("it is said", DEADLINE_MS, async () => app.stderr().includes("\n") || undefined);
      const { exit, tookMs } = await endNaturally(app);
      assert.equal(exit, 0);
      assert.ok(tookMs < LONGEST_MS, `${tookMs} ms`);
      assert.match(app.stderr(), /^otel-red: exports to [^\n]* fail: [^\n]*ECONNREFUSED[^\n]*\n$/);
    });
  }
});

describe("the console exporter", () => {
  it("prints what was counted since the last time at the natural end", async () => {
    const app = await start({ ...NEVER, OTEL_METRICS_EXPORTER: "console", OTEL_LOG_LEVEL: "warn" });
    await fetch(`${app.url}/users/1`);
    const { exit } = await endNaturally(app);
    assert.equal(exit, 0);
    assert.match(app.stdout(), /path: '\/users\/:id'/);
    assert.equal(app.stderr(), "");
  });
});

describe("by the path of an unpacked folder, without node_modules", () => {
  let folder: string;
  let receiver: OtlpReceiver;
  before(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "otel-red-unpacked-")));
    for (const part of ["dist", "register"]) cpSync(join(REPOSITORY, part), join(folder, part), { recursive: true });
    cpSync(SERVER, join(folder, "server.cjs"));
    receiver = await startOtlpReceiver();
  });
  after(async () => {
    await receiver.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const unpacked = (env: NodeJS.ProcessEnv) =>
    startApp({
      args: [join(folder, "server.cjs")],
      flags: ["--require", join(folder, "register")],
      expectsMetrics: false,
      cwd: folder,
      env: {
        ...NEVER,
        OTEL_METRICS_EXPORTER: "otlp",
        OTEL_LOG_LEVEL: "warn",
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        ...env,
      },
    });

  it("http/protobuf works", async () => {
    const app = await unpacked({});
    await endNaturally(app);
    assert.equal(receiver.received.length, 1);
    assert.equal(app.stderr(), "");
  });

  it("grpc and detectors that are not installed: a line each, with the command that installs them", async () => {
    const app = await unpacked({
      OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
      OTEL_METRICS_EXPORTER: "otlp,console",
      OTEL_LOG_LEVEL: "warn",
      OTEL_NODE_RESOURCE_DETECTORS: "container,host",
    });
    const { exit } = await endNaturally(app);
    assert.equal(exit, 0);
    assert.deepEqual(app.stderr().split("\n"), [
      "otel-red: OTEL_METRICS_EXPORTER=otlp over grpc: Error: @opentelemetry/exporter-metrics-otlp-grpc is not installed; install it with: npm install @opentelemetry/exporter-metrics-otlp-grpc. The other exporters go on",
      "otel-red: OTEL_NODE_RESOURCE_DETECTORS: container is left out: Error: @opentelemetry/resource-detector-container is not installed; install it with: npm install @opentelemetry/resource-detector-container",
      "",
    ]);
    assert.match(app.stdout(), /name: 'http_requests_total'/, "the console has it");
  });

  it("grpc, not installed and the only exporter: one line, and the application runs without metrics", async () => {
    const app = await unpacked({ OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" });
    const { exit } = await endNaturally(app);
    assert.equal(exit, 0);
    assert.match(app.stderr(), /^otel-red: [^\n]*npm install [^\n]*\. The application runs without metrics\n$/);
  });
});
