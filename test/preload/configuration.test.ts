/** The configuration end to end: what a user hears of it, and what the process is left with. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { REGISTER, REPOSITORY, startApp } from "../support/app.ts";
import { series, total } from "../support/exposition.ts";
import { freePort } from "../support/free-port.ts";
import { run } from "../support/run.ts";

const TRACES = join(REPOSITORY, "test/apps/configuration/traces.cjs");
const LOADING = join(REPOSITORY, "test/apps/loading/express.cjs");

/** What the process is left with where otel-red does nothing. */
const NO_TRACES = { channels: [], accessors: [], symbols: [], patched: false, timers: [] };

async function traces(env: NodeJS.ProcessEnv) {
  const port = await freePort(0);
  const OTEL_EXPORTER_PROMETHEUS_PORT = String(port);
  const { exit, stdout, stderr } = await run({
    args: [TRACES],
    flags: ["--require", REGISTER],
    env: { OTEL_EXPORTER_PROMETHEUS_PORT, ...env },
  });
  assert.equal(exit, 0, stderr);
  const [found = "", ...rest] = stdout.split("\n");
  return { found: JSON.parse(found), stdout: rest.join("\n"), stderr };
}

describe("with the default configuration", () => {
  it("nothing is said on stdout and stderr, and it is measured", async () => {
    const { found, stdout, stderr } = await traces({});
    assert.deepEqual([stdout, stderr], ["", ""]);
    assert.deepEqual(found.accessors, ["route", "baseUrl"]);
    assert.deepEqual(found.symbols, ["Symbol(otel-red.running)", "Symbol(otel-red.connection)"]);
    assert.deepEqual([found.patched, found.timers], [false, []]);
    assert.ok(found.channels.includes("http.server.request.start"));
  });
});

describe("a RED_* value that is not accepted", () => {
  for (const { env, line } of [
    {
      env: { RED_MAX_LABEL_SETS: "many" },
      line: 'RED_MAX_LABEL_SETS="many" is not accepted: expected an integer from 1 to 1000000',
    },
    {
      env: { RED_HTTP_INSTRUMENTATION: "heavy" },
      line: 'RED_HTTP_INSTRUMENTATION="heavy" is not accepted: expected light or stock',
    },
    {
      env: { RED_DURATION_BUCKETS: "0.1,0.05" },
      line: 'RED_DURATION_BUCKETS="0.1,0.05" is not accepted ("0.05" is not above the one before it): expected 1 to 100 ascending, distinct, positive numbers of seconds, separated by commas',
    },
    {
      env: { RED_PATH_LABEL: "method" },
      line: 'RED_PATH_LABEL="method" is not accepted (it is a label of the same series): expected a Prometheus label name (letters, digits, underscores, no digit first) that is not in use',
    },
    {
      env: { RED_EXCLUDE_PATHS: "health\n" },
      line: 'RED_EXCLUDE_PATHS="health" is not accepted ("health" can match no path): expected globs that start with / or **, separated by commas, with a + before the first to add to the default',
    },
    {
      env: { RED_PATH_PATTERNS: "[=>x" },
      line: 'RED_PATH_PATTERNS="[=>x" is not accepted ("[": Unterminated character class): expected regex=>replacement pairs separated by ; or line breaks (a ; within a regex is written \\x3b)',
    },
    {
      env: { RED_CLIENT_METRICS: "yes" },
      line: 'RED_CLIENT_METRICS="yes" is not accepted: expected true or false',
    },
    {
      env: { RED_RUNTIME_METRICS: "0" },
      line: 'RED_RUNTIME_METRICS="0" is not accepted: expected true or false',
    },
    {
      env: { RED_MAX_LABEL_SETS: "many", RED_CLIENT_METRICS: "yes", OTEL_LOG_LEVEL: "loud" },
      line: 'RED_MAX_LABEL_SETS="many" is not accepted: expected an integer from 1 to 1000000',
    },
  ] as { env: NodeJS.ProcessEnv; line: string }[]) {
    it(`${JSON.stringify(env)}: one line, no metrics, the application goes on`, async () => {
      const { found, stdout, stderr } = await traces(env);
      assert.equal(
        stderr,
        `otel-red: ${line}; correct it, or unset it for the default. The application runs without metrics\n`,
      );
      assert.deepEqual([found, stdout], [NO_TRACES, ""]);
    });
  }
});

it("a RED_* value that is not accepted is not spoken of with OTEL_LOG_LEVEL=none", async () => {
  const env = { RED_MAX_LABEL_SETS: "many", OTEL_LOG_LEVEL: "none" };
  assert.deepEqual(await traces(env), { found: NO_TRACES, stdout: "", stderr: "" });
});

describe("an OTEL_* value that is not accepted: a warning, and the default or what can be used of it", () => {
  for (const { env, line } of [
    {
      env: { OTEL_SDK_DISABLED: "1" },
      line: 'OTEL_SDK_DISABLED="1" is not accepted: expected true or false; using false',
    },
    {
      env: { OTEL_LOG_LEVEL: "loud" },
      line: 'OTEL_LOG_LEVEL="loud" is not accepted: expected none, error, warn, info, debug, verbose or all; using warn',
    },
    {
      env: { OTEL_RESOURCE_ATTRIBUTES: "a=b,c" },
      line: 'OTEL_RESOURCE_ATTRIBUTES="a=b,c" is not accepted ("c" is not one key=value pair): expected key=value pairs separated by commas, with any other comma, equals sign and percent sign percent-encoded; using none',
    },
    {
      env: { OTEL_EXPORTER_PROMETHEUS_HOST: "http://localhost" },
      line: 'OTEL_EXPORTER_PROMETHEUS_HOST="http://localhost" is not accepted: expected a host name or an IP address, without a port or a path; using localhost',
    },
  ] as { env: NodeJS.ProcessEnv; line: string }[]) {
    it(JSON.stringify(env), async () => {
      const { found, stdout, stderr } = await traces(env);
      assert.equal(stderr, `otel-red: ${line}\n`);
      assert.equal(stdout, "");
      assert.ok(found.channels.includes("http.server.request.start"), "it is measured all the same");
    });
  }

  it("a part of OTEL_METRICS_EXPORTER is used", async () => {
    const { found, stderr } = await traces({ OTEL_METRICS_EXPORTER: "prometheus,nobody" });
    assert.match(
      stderr,
      /^otel-red: OTEL_METRICS_EXPORTER="prometheus,nobody" is not accepted \(unknown: "nobody"\): expected .*; using prometheus\n$/,
    );
    assert.ok(found.channels.includes("http.server.request.start"));
  });
});

describe("what leaves nothing behind", () => {
  for (const env of [
    { OTEL_SDK_DISABLED: "true" },
    { OTEL_SDK_DISABLED: "TRUE", RED_HTTP_INSTRUMENTATION: "stock", OTEL_LOG_LEVEL: "all" },
    { OTEL_METRICS_EXPORTER: "none" },
    { OTEL_SDK_DISABLED: "true", OTEL_METRICS_EXPORTER: "nobody" },
  ] as NodeJS.ProcessEnv[]) {
    it(JSON.stringify(env), async () =>
      assert.deepEqual(await traces(env), { found: NO_TRACES, stdout: "", stderr: "" }),
    );
  }
});

describe("OTEL_METRICS_EXPORTER", () => {
  const printed = (stdout: string) => [...stdout.matchAll(/^ {4}name: '(\w+)'/gm)].map(([, name]) => name);

  it("console: the metrics are printed on stdout, and no port is opened", async () => {
    const { stdout, stderr } = await traces({
      OTEL_METRICS_EXPORTER: "console",
      SHUTDOWN: "1",
      OTEL_LOG_LEVEL: "info",
    });
    assert.ok(printed(stdout).includes("http_requests_total"), stdout);
    assert.match(stdout, /path: '\/users\/:id'/);
    assert.equal(
      stderr,
      "otel-red: OTEL_METRICS_EXPORTER=console: there is no /metrics; add prometheus to the list for it\n",
    );
  });

  for (const { exporters, line } of [
    { exporters: "none", line: "none: nothing is measured; unset it, or name another exporter" },
    { exporters: "none,otlp", line: "none: nothing is measured; unset it, or name another exporter" },
    { exporters: "otlp", line: "otlp: there is no /metrics; add prometheus to the list for it" },
  ])
    it(`${exporters}, which may be meant for the application's tracing: said at info`, async () => {
      const quiet = await traces({ OTEL_METRICS_EXPORTER: exporters, OTEL_LOG_LEVEL: "error" });
      assert.equal(quiet.stderr, "");
      const { stderr } = await traces({ OTEL_METRICS_EXPORTER: exporters, OTEL_LOG_LEVEL: "info" });
      assert.ok(stderr.split("\n").includes(`otel-red: OTEL_METRICS_EXPORTER=${line}`), stderr);
    });

  it("console and prometheus: both", async () => {
    const env = { OTEL_METRICS_EXPORTER: "console,prometheus", SHUTDOWN: "1", OTEL_LOG_LEVEL: "info" };
    const { stdout, stderr } = await traces(env);
    assert.ok(printed(stdout).includes("http_requests_total"), stdout);
    assert.match(stderr, /^otel-red: metrics are served on \S+\n$/);
  });

  it("console and prometheus, whose port is taken: console goes on", async () => {
    const app = await startApp({ args: [LOADING] });
    try {
      const OTEL_EXPORTER_PROMETHEUS_PORT = new URL(app.metricsUrl).port;
      const env = { OTEL_METRICS_EXPORTER: "console,prometheus", SHUTDOWN: "1", OTEL_EXPORTER_PROMETHEUS_PORT };
      const { stdout, stderr } = await traces(env);
      assert.ok(printed(stdout).includes("http_requests_total"), stdout);
      // a process that ends within a second need not hear of it
      assert.match(
        stderr,
        /^(otel-red: .*the port is taken; .* There is no endpoint until it is free; the other exporters go on\n)?$/,
      );
    } finally {
      await app.stop();
    }
  });
});

describe("what is asked for and not there", () => {
  it("the stock instrumentation, where its package is not installed, is an error of one line", async () => {
    const loader = join(REPOSITORY, "test/apps/configuration/no-packages.cjs");
    const flags = ["--require", loader, "--require", REGISTER];
    const { exit, stdout, stderr } = await run({
      args: [TRACES],
      flags,
      env: { RED_HTTP_INSTRUMENTATION: "stock", OTEL_EXPORTER_PROMETHEUS_PORT: "0" },
    });
    assert.equal(exit, 0);
    assert.match(
      stderr,
      /^otel-red: Error: Cannot find module '@opentelemetry\/instrumentation-http'.*goes on without them\n$/,
    );
    assert.deepEqual(JSON.parse(stdout), NO_TRACES);
  });
});

describe("the settings arrive", () => {
  it("in the series", async () => {
    const app = await startApp({
      args: [LOADING],
      env: {
        OTEL_SERVICE_NAME: "shop",
        OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test,service.version=1%2E2",
        OTEL_NODE_RESOURCE_DETECTORS: "env",
        RED_PATH_LABEL: "endpoint",
        RED_DURATION_BUCKETS: "0.5,10",
        RED_EXCLUDE_PATHS: "/users/2",
        RED_MAX_LABEL_SETS: "500",
      },
    });
    try {
      for (const id of [1, 2, 3]) await fetch(`${app.url}/users/${id}`);
      const { samples } = await app.scrapeUntil(
        "all are counted",
        ({ samples }) => total(samples, "http_requests_total") === 2,
      );
      const labels = { method: "GET", status_code: "200", endpoint: "/users/:id", service: "shop" };
      assert.deepEqual(series(samples, "http_requests_total"), [{ name: "http_requests_total", labels, value: 2 }]);
      assert.deepEqual(
        series(samples, "http_request_duration_seconds_bucket").map(({ labels, value }) => [labels.le, value]),
        [
          ["0.5", 2],
          ["10", 2],
          ["+Inf", 2],
        ],
      );
      assert.equal(total(samples, "otel_red_requests_excluded_total"), 1);
      const { service_instance_id: _, ...target } = series(samples, "target_info")[0]?.labels ?? {};
      assert.deepEqual(target, {
        deployment_environment_name: "test",
        service_name: "shop",
        service_version: "1.2",
        telemetry_sdk_language: "nodejs",
        telemetry_sdk_name: "opentelemetry",
        telemetry_sdk_version: "3.1.0",
      });
    } finally {
      await app.stop();
    }
  });
});
