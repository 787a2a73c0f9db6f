/** A collector that fails, and comes back: what the application's log has of it, and what the collector has in the end. */
import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { FAMILIES } from "../../src/view/red.ts";
import { type App, REPOSITORY, startApp } from "../support/app.ts";
import { freePort } from "../support/free-port.ts";
import { parseExports } from "../support/otlp-json.ts";
import { type OtlpReceiver, startOtlpReceiver } from "../support/servers/otlp-receiver.ts";
import { until } from "../support/until.ts";

const SERVER = join(REPOSITORY, "test/apps/otlp/server.cjs");
const DEADLINE_MS = 20_000;
const REQUESTS = 5;

/** Of a collector that answers: a machine that is busy elsewhere may keep it from doing so for a while. */
const PATIENT = { OTEL_METRIC_EXPORT_INTERVAL: "300", OTEL_EXPORTER_OTLP_TIMEOUT: "10000" };

const start = (endpoint: string, env: NodeJS.ProcessEnv = {}) =>
  startApp({
    args: [SERVER],
    expectsMetrics: false,
    env: {
      OTEL_METRICS_EXPORTER: "otlp",
      OTEL_LOG_LEVEL: "warn",
      OTEL_METRIC_EXPORT_INTERVAL: "100",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      // shorter than the first pause before a retry
      OTEL_EXPORTER_OTLP_TIMEOUT: "700",
      ...env,
    },
  });

/** The application answers as ever. */
async function ask(app: App): Promise<void> {
  for (let request = 0; request < REQUESTS; request++) {
    assert.equal((await fetch(`${app.url}/users/${request}`)).status, 200);
  }
}

/** Requests by each of the exports that were answered so. */
function told({ received }: OtlpReceiver, status = 200): number[] {
  return received
    .filter(({ answer }) => answer === status)
    .map(({ body }) =>
      parseExports(`${body}\n`)
        .flatMap(({ metrics }) => metrics)
        .filter(({ name }) => name === FAMILIES.requests.name)
        .flatMap(({ sum }) => sum?.dataPoints ?? [])
        .reduce((sum, { asInt }) => sum + Number(asInt), 0),
    );
}

const says = (app: App, what: RegExp) =>
  until(`stderr has ${what}`, DEADLINE_MS, async () => what.test(app.stderr()) || undefined);

/**
 * One line for each kind of failure, and one that it is over. The collector is in the tests' process: where the machine has
 * that stand still for longer than the timeout, there is an outage more, which is told likewise.
 */
function assertLines(app: App, failure: RegExp): void {
  const outages = app.stderr().split(/^otel-red: exports to \S+ succeed again\n/m);
  assert.equal(outages.pop(), "", "the last line says that it is over");
  for (const outage of outages) {
    const failures = outage.trimEnd().split("\n");
    assert.equal(new Set(failures).size, failures.length, app.stderr());
    for (const line of failures)
      assert.match(line, /^otel-red: exports to \S+ fail: .*\. Counts are kept while the process runs, /);
  }
  const provoked = outages.filter((outage) => !/^[^\n]* fail: Request timed out\.[^\n]*\n$/.test(outage));
  assert.match((provoked.length > 0 ? provoked : outages).join(""), failure);
  assert.ok(provoked.length <= 1, app.stderr());
}

describe("a collector", () => {
  let receiver: OtlpReceiver;
  beforeEach(async () => {
    receiver = await startOtlpReceiver();
  });
  afterEach(() => receiver.stop());

  for (const { what, answer, failure } of [
    { what: "answers 429", answer: 429, failure: /fail: Too Many Requests \(429\)/ },
    { what: "answers 503", answer: 503, failure: /fail: Service Unavailable \(503\)/ },
    {
      what: "wants to be asked again at once",
      answer: (response) => void response.writeHead(503, { "retry-after": "0" }).end(),
      failure: /fail: Service Unavailable \(503\)/,
    },
    {
      what: "never comes to the end of its answer",
      answer(response) {
        const dripping = setInterval(() => response.write(" "), 50);
        response.once("close", () => clearInterval(dripping));
      },
      failure: /fail: Request timed out/,
    },
    {
      what: "answers with megabytes",
      answer: (response) => void response.writeHead(400, "x".repeat(5000)).end(Buffer.alloc(5_000_000, "y")),
      failure: /fail: (x{500} \(400\)|OTLP export response body exceeded size limit)/,
    },
    { what: "answers 500", answer: 500, failure: /Internal Server Error \(500\)/ },
    { what: "answers garbage", answer: "\u0000 no HTTP", failure: /HPE_/ },
    { what: "hangs", answer: undefined, failure: /timed out/ },
  ] as { what: string; answer: OtlpReceiver["answer"]; failure: RegExp }[]) {
    it(`${what}, and recovers: two lines, and nothing is lost`, async () => {
      const app = await start(receiver.url);
      try {
        await ask(app);
        receiver.answer = answer;
        await says(app, failure);
        await ask(app);
        receiver.answer = 200;
        await says(app, / again\n$/);
        await until("it has all", DEADLINE_MS, async () => told(receiver).at(-1) === 2 * REQUESTS || undefined);
        assertLines(app, failure);
      } finally {
        await app.stop();
      }
    });
  }

  it("dies, and is started again: a line each, and nothing is lost", async () => {
    const app = await start(receiver.url);
    try {
      await ask(app);
      await receiver.stop();
      await says(app, /ECONNREFUSED|ECONNRESET/);
      await ask(app);
      receiver = await startOtlpReceiver(Number(new URL(receiver.url).port));
      await until("it has all", DEADLINE_MS, async () => told(receiver).at(-1) === 2 * REQUESTS || undefined);
      await says(app, / again\n$/);
      assertLines(app, /ECONNREFUSED|ECONNRESET/);
    } finally {
      await app.stop();
    }
  });

  it("starts after the application: a line each, and nothing is lost", async () => {
    const port = await freePort(0);
    const app = await start(`http://127.0.0.1:${port}`);
    try {
      await ask(app);
      await says(app, / fail: /);
      const late = await startOtlpReceiver(port);
      try {
        await until("it has all", DEADLINE_MS, async () => told(late).at(-1) === REQUESTS || undefined);
        await says(app, / again\n/);
        assertLines(app, /ECONNREFUSED/);
      } finally {
        await late.stop();
      }
    } finally {
      await app.stop();
    }
  });

  it("of an unknown host: a line, and the application goes on", async () => {
    const app = await start("http://collector.invalid:4318");
    try {
      await says(app, /fail: getaddrinfo (ENOTFOUND|EAI_AGAIN) collector\.invalid\. Counts are kept /);
      await ask(app);
    } finally {
      await app.stop();
    }
  });

  it("refuses deltas: what is lost is said, and all the rest has arrived", async () => {
    const app = await start(receiver.url, {
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: "delta",
      ...PATIENT,
    });
    const arrived = (answer = 200) => told(receiver, answer).reduce((sum, count) => sum + count, 0);
    try {
      await ask(app);
      await until("the first have arrived", DEADLINE_MS, async () => arrived() === REQUESTS || undefined);
      receiver.answer = 400;
      await says(app, / fail: Bad Request \(400\)\. What they would have told is lost; /);
      await ask(app);
      await until("they have been refused", DEADLINE_MS, async () => arrived(400) === REQUESTS || undefined);
      receiver.answer = 200;
      await says(app, / again; lost are \d+ exports, of \d+ requests\n/);
      await ask(app);
      const lost = Number(/of (\d+) requests/.exec(app.stderr())?.[1]);
      assert.equal(lost, REQUESTS);
      await until("the rest has arrived", DEADLINE_MS, async () => arrived() === 2 * REQUESTS || undefined);
    } finally {
      await app.stop();
    }
  });
});

describe("a collector that takes an export, and", () => {
  for (const { what, answer, line } of [
    {
      what: "rejects a part of it, never the same",
      answer(response, count) {
        const partialSuccess = { rejectedDataPoints: String(count), errorMessage: "too\nold" };
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ partialSuccess }));
      },
      line: /^otel-red: the collector has rejected \d+ data points of an export, which are lost: too old\n$/,
    },
    {
      what: "answers with a page of something else",
      answer: (response) => void response.writeHead(200).end(`<html>${"z".repeat(3_000_000)}`),
      line: /^otel-red: [^\n]{1,1100}\n$/,
    },
  ] as { what: string; answer: (response: ServerResponse, count: number) => void; line: RegExp }[]) {
    for (const protocol of ["http/json", "http/protobuf"]) {
      it(`${what}, over ${protocol}: a line`, async () => {
        const receiver = await startOtlpReceiver();
        let count = 0;
        receiver.answer = (response) => answer(response, ++count);
        const app = await start(receiver.url, { OTEL_EXPORTER_OTLP_PROTOCOL: protocol, ...PATIENT });
        try {
          await says(app, /\n/);
          const before = count;
          await until("it has had more", DEADLINE_MS, async () => count > before + 3 || undefined);
          if (protocol === "http/json") assert.match(app.stderr(), line);
          else assert.match(app.stderr(), /^otel-red: [^\n]{1,1100}\n$/);
          await ask(app);
        } finally {
          await app.stop();
          await receiver.stop();
        }
      });
    }
  }
});

describe("a variable of the exporter that is not accepted", () => {
  for (const { env, line } of [
    { env: { OTEL_EXPORTER_OTLP_TIMEOUT: "10s" }, line: /OTEL_EXPORTER_OTLP_TIMEOUT/ },
    { env: { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "not a url" }, line: /METRICS_ENDPOINT="not a url" is not accepted/ },
    {
      env: { OTEL_METRICS_EXPORTER: "otlp,statsd", OTEL_LOG_LEVEL: "warn" },
      line: /OTEL_METRICS_EXPORTER="otlp,statsd".*prometheus, otlp, console, none/,
    },
    { env: { OTEL_METRICS_EXPORTER: "otlp,none" }, line: /"otlp,none" .*\(none excludes the others\).*; using none/ },
  ]) {
    it(`${JSON.stringify(env)}: a warning, and the application goes on`, async () => {
      const receiver = await startOtlpReceiver();
      const app = await start(receiver.url, env);
      try {
        await says(app, line);
        await ask(app);
      } finally {
        await app.stop();
        await receiver.stop();
      }
    });
  }
});
