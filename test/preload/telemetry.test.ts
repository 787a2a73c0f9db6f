/**
 * Beside OpenTelemetry's own SDK (`@opentelemetry/auto-instrumentations-node/register`), which reads the same variables:
 * its traces are what they are without us, and its meter provider has the application's instruments, in whatever order.
 */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type App, REGISTER, startApp } from "../support/app.ts";
import { parseExposition, type Sample, series, total } from "../support/exposition.ts";
import { freePort } from "../support/free-port.ts";
import { type Span, startTracesServer, type TracesServer } from "../support/servers/traces.ts";
import { installTelemetry, TELEMETRY } from "../support/telemetry-app.ts";
import { until } from "../support/until.ts";

const DEADLINE_MS = 15_000;
const TRACE = "0af7651916cd43dd8448eb211c80319c";
const CLIENT_SPAN = "b7ad6b7169203331";

/** https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto */
const SERVER = 2;

/** One for the SDK, and the next for us. @returns the first */
async function twoPorts(): Promise<number> {
  for (;;) {
    const port = await freePort(0);
    if ((await freePort(port + 1)) === port + 1) return port;
  }
}

const sdk = () =>
  createRequire(join(TELEMETRY, "shop.cjs")).resolve("@opentelemetry/auto-instrumentations-node/register");
const required = (path: string) => ["--require", path];
const imported = (path: string) => ["--import", pathToFileURL(path).href];

/** Each row is compared with the same without us. */
const ROWS: readonly {
  readonly name: string;
  readonly script?: string;
  readonly flags: (sdk: readonly string[], red: readonly string[]) => readonly string[];
  readonly how: (path: string) => string[];
  readonly env?: NodeJS.ProcessEnv;
}[] = [
  { name: "--require, otel-red last", how: required, flags: (sdk, red) => [...sdk, ...red] },
  { name: "--require, otel-red first", how: required, flags: (sdk, red) => [...red, ...sdk] },
  { name: "--import, otel-red last", how: imported, flags: (sdk, red) => [...sdk, ...red] },
  { name: "--import, otel-red first", how: imported, flags: (sdk, red) => [...red, ...sdk] },
  { name: "--import, ES modules", script: "shop.mjs", how: imported, flags: (sdk, red) => [...red, ...sdk] },
  { name: "in the main script", how: required, flags: (_sdk, red) => red, env: { SDK_IN_MAIN: "true" } },
];

describe("beside OpenTelemetry's own SDK", function () {
  // npm installs it at the first run
  this.timeout(300_000);
  let traces: TracesServer;
  let app: App | undefined;

  before(installTelemetry);
  beforeEach(async () => {
    traces = await startTracesServer();
  });
  afterEach(async () => {
    await app?.stop("SIGKILL");
    app = undefined;
    traces.close();
  });

  async function start(script: string, flags: readonly string[], env: NodeJS.ProcessEnv): Promise<App> {
    app = await startApp({
      args: [join(TELEMETRY, script)],
      flags,
      expectsMetrics: false,
      env: {
        STOCK: `${traces.url}/stock`,
        OTEL_EXPORTER_OTLP_ENDPOINT: traces.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
        OTEL_BSP_SCHEDULE_DELAY: "50",
        OTEL_LOGS_EXPORTER: "none",
        OTEL_NODE_RESOURCE_DETECTORS: "none",
        OTEL_LOG_LEVEL: "",
        ...env,
      },
    });
    return app;
  }

  /** Asks for a book within a trace. @returns the spans of that trace as far as they must not change */
  async function trace(url: string) {
    traces.spans.length = 0;
    traces.traceparents.length = 0;
    const headers = { traceparent: `00-${TRACE}-${CLIENT_SPAN}-01` };
    assert.equal(await (await fetch(`${url}/books/1`, { headers })).text(), "12 left");
    const isServer = ({ kind }: Span) => kind === SERVER;
    await until("the request's span is exported", DEADLINE_MS, async () => traces.spans.find(isServer));
    const names = new Map(traces.spans.map(({ spanId, name }) => [spanId, name]));
    const [, traceId, parentId] = traces.traceparents[0]?.split("-") ?? [];
    return {
      spans: traces.spans
        .filter((span) => span.traceId === TRACE)
        .map(({ name, kind, parentSpanId = "", attributes }) => ({
          name,
          kind,
          parent: names.get(parentSpanId) ?? parentSpanId,
          attributes: attributes.map(({ key }) => key).sort(),
        }))
        .sort((one, other) => one.name.localeCompare(other.name)),
      stock: { traceId, parent: names.get(parentId ?? "") },
    };
  }

  async function quit({ url, exited }: App) {
    await fetch(`${url}/quit`).catch(() => {});
    return exited;
  }

  const scrape = async (port: number) =>
    parseExposition(await (await fetch(`http://localhost:${port}/metrics`)).text()).samples;
  const scrapeUntil = (port: number, what: string, condition: (samples: Sample[]) => boolean) =>
    until(what, DEADLINE_MS, async () => {
      const samples = await scrape(port);
      return condition(samples) ? samples : undefined;
    });

  for (const { name, script = "shop.cjs", flags, how, env = {} } of ROWS) {
    describe(name, () => {
      const withRed = () => flags(how(sdk()), how(REGISTER));
      const withoutRed = () => flags(how(sdk()), []);

      it("leaves the traces and stderr as they are", async () => {
        const port = await twoPorts();
        const variables = { ...env, OTEL_EXPORTER_PROMETHEUS_PORT: String(port) };
        const alone = await start(script, withoutRed(), variables);
        const expected = await trace(alone.url);
        assert.equal(expected.stock.traceId, TRACE);
        assert.ok(expected.stock.parent, "the stock was called by one of the spans");
        assert.equal(await quit(alone), 3);

        const both = await start(script, withRed(), variables);
        assert.deepEqual(await trace(both.url), expected);
        const counted = await scrapeUntil(
          port,
          "it is counted",
          (samples) => total(samples, "http_requests_total") > 0,
        );
        assert.deepEqual(
          series(counted, "http_requests_total").map(({ labels, value }) => [labels.path, value]),
          [["/books/:id", 1]],
        );
        assert.deepEqual(
          traces.spans.filter((span) => span.traceId !== TRACE),
          [],
          "scrapes make no spans",
        );
        assert.equal(await quit(both), 3);
        assert.equal(both.stderr(), alone.stderr());
      });

      it("leaves it its port and its instruments, and counts nothing twice", async () => {
        const port = await twoPorts();
        const both = await start(script, withRed(), {
          ...env,
          OTEL_METRICS_EXPORTER: "prometheus",
          OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
        });
        await trace(both.url);
        const ours = await scrapeUntil(port + 1, "it is counted", (all) => total(all, "http_requests_total") > 0);
        const theirs = await scrape(port);
        assert.equal(total(theirs, "orders_total"), 1);
        assert.deepEqual(series(theirs, "http_requests_total"), []);
        assert.deepEqual(
          ours.filter(({ name }) => name === "orders_total" || name.startsWith("http_server")),
          [],
        );
        assert.equal(total(ours, "http_requests_total"), 1);
        assert.equal(await quit(both), 3);
        assert.deepEqual(
          both
            .stderr()
            .split("\n")
            .filter((line) => line.startsWith("otel-red: ")),
          [
            `otel-red: OTEL_EXPORTER_PROMETHEUS_PORT=${port} is taken, most likely by the application's own OpenTelemetry SDK, ` +
              `which reads this variable, too: the metrics of otel-red are served on http://localhost:${port + 1}/metrics`,
          ],
        );
        assert.doesNotMatch(both.stderr(), /duplicate registration/i);
      });
    });
  }

  // an SDK patches what is required, which an application of ES modules does not do
  for (const [what, env] of [
    ["by default", {}],
    ["with all that we can need", { OTEL_METRICS_EXPORTER: "prometheus,otlp", RED_CLIENT_METRICS: "true" }],
  ] as [string, NodeJS.ProcessEnv][]) {
    it(`${what}, has it patch nothing of Node's that it does not patch without us`, async () => {
      const seen = async (flags: readonly string[], env: NodeJS.ProcessEnv) => {
        const app = await start("plain.mjs", flags, {
          OTEL_TRACES_EXPORTER: "console",
          OTEL_METRICS_EXPORTER: "prometheus",
          OTEL_EXPORTER_PROMETHEUS_PORT: "0",
          OTEL_METRIC_EXPORT_INTERVAL: "100",
          OTEL_BSP_SCHEDULE_DELAY: "1",
          OTEL_LOG_LEVEL: "info",
          ...env,
        });
        if (flags.includes(REGISTER)) {
          await until(
            "the endpoint is open",
            DEADLINE_MS,
            async () => /otel-red: .*\/metrics/.test(app.stderr()) || undefined,
          );
        }
        await (await fetch(app.url)).text();
        const wrapped = await (await fetch(`${app.url}/wrapped`)).json();
        assert.equal(await quit(app), 3);
        return { wrapped, spans: app.stdout().match(/traceId/g) ?? [] };
      };
      // without metrics, whose endpoint the SDK makes with a `node:http` that it requires
      const alone = await seen(required(sdk()), { OTEL_METRICS_EXPORTER: "none" });
      for (const flags of [
        [...required(sdk()), ...required(REGISTER)],
        [...required(REGISTER), ...required(sdk())],
      ]) {
        assert.deepEqual(await seen(flags, env), alone, flags.join(" "));
      }
    });
  }

  it("says at level info, once, that the application has a provider of its own", async () => {
    const port = await twoPorts();
    const both = await start("shop.cjs", [...required(sdk()), ...required(REGISTER)], {
      OTEL_LOG_LEVEL: "info",
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
    });
    await trace(both.url);
    await scrapeUntil(port, "it is counted", (samples) => total(samples, "http_requests_total") > 0);
    assert.equal(both.stderr().match(/otel-red: the application has a MeterProvider of its own/g)?.length, 1);
  });
});
