/** Variables that reach the process after the preload has read its configuration, or only the parent of a thread. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type App, type AppOptions, INSTRUMENTATIONS, REPOSITORY, startApp } from "../support/app.ts";
import { series, total } from "../support/exposition.ts";
import { freePort } from "../support/free-port.ts";

const LATE = join(REPOSITORY, "test/apps/configuration/late.cjs");
const THREADS = join(REPOSITORY, "test/apps/configuration/threads.cjs");

async function started(options: AppOptions, test: (app: App) => Promise<void>): Promise<void> {
  const app = await startApp(options);
  try {
    await test(app);
  } finally {
    await app.stop();
  }
}

interface Answer {
  readonly environment: NodeJS.ProcessEnv;
  readonly isRunning?: boolean;
}

const ask = async (app: App, path: string) => (await (await fetch(app.url + path)).json()) as Answer;

/** The name under which a request is counted. */
async function serviceOf(app: App): Promise<string | undefined> {
  await ask(app, "/users/1");
  const isCounted = "the request is counted";
  const { samples } = await app.scrapeUntil(isCounted, ({ samples }) => total(samples, "http_requests_total") === 1);
  return series(samples, "http_requests_total")[0]?.labels.service;
}

describe("variables that the application sets before its first server listens", () => {
  for (const RED_HTTP_INSTRUMENTATION of INSTRUMENTATIONS)
    it(`are obeyed where they were unset (${RED_HTTP_INSTRUMENTATION})`, async () => {
      const port = String(await freePort(0));
      const late = {
        OTEL_SERVICE_NAME: "late",
        OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
        OTEL_EXPORTER_PROMETHEUS_PORT: port,
        RED_PATH_LABEL: "endpoint",
        RED_DURATION_BUCKETS: "0.5,10",
        RED_EXCLUDE_PATHS: "/users/2",
        RED_PATH_PATTERNS: "^/blog/[^/]+$=>/blog/:slug",
        RED_MAX_LABEL_SETS: "500",
        RED_RUNTIME_METRICS: "false",
      };
      const env = { RED_HTTP_INSTRUMENTATION, LATE: JSON.stringify(late), OTEL_EXPORTER_PROMETHEUS_PORT: " " };
      await started({ args: [LATE], env }, async (app) => {
        assert.equal(new URL(app.metricsUrl).port, port);
        assert.doesNotMatch(app.stderr(), /too late/);
        for (const path of ["/users/1", "/users/2", "/users/3"]) await ask(app, path);
        const { samples } = await app.scrapeUntil(
          "all are counted",
          ({ samples }) => total(samples, "http_requests_total") === 2,
        );
        const labels = { method: "GET", status_code: "200", endpoint: "/users/:id", service: "late" };
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
        assert.equal(series(samples, "target_info")[0]?.labels.deployment_environment_name, "test");
        assert.deepEqual(series(samples, "process_cpu_seconds_total"), []);
      });
    });

  it("are named at info where they come too late", async () => {
    const late = {
      OTEL_SDK_DISABLED: "true",
      OTEL_METRICS_EXPORTER: "none",
      OTEL_LOG_LEVEL: "error",
      OTEL_SERVICE_NAME: "changed",
      RED_CLIENT_METRICS: "true",
      RED_HTTP_INSTRUMENTATION: "stock",
      RED_MAX_LABEL_SETS: null,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://localhost:1",
    };
    const env = { LATE: JSON.stringify(late), OTEL_SERVICE_NAME: "first", RED_MAX_LABEL_SETS: "7" };
    await started({ args: [LATE], env }, async (app) => {
      assert.deepEqual(app.stderr().split("\n").slice(0, -2), [
        "otel-red: OTEL_LOG_LEVEL, OTEL_METRICS_EXPORTER, OTEL_SDK_DISABLED, OTEL_SERVICE_NAME, RED_CLIENT_METRICS, RED_HTTP_INSTRUMENTATION: set after otel-red has started, which is too late. Set before the process starts, or by node --env-file, it is obeyed",
      ]);
      assert.equal(await serviceOf(app), "first");
    });
  });

  it("are refused as they are at the start, and the application goes on", async () => {
    const env = { LATE: JSON.stringify({ RED_PATH_LABEL: "method" }) };
    await started({ args: [LATE], env, expectsMetrics: false }, async (app) => {
      assert.match(app.stderr(), /^otel-red: RED_PATH_LABEL="method" is not accepted .*goes on without them\n$/);
      assert.equal((await ask(app, "/users/1")).environment.RED_PATH_LABEL, "method");
    });
  });
});

describe("a thread with an environment of its own", () => {
  const OWN = { OTEL_SERVICE_NAME: "own", RED_PATH_LABEL: "endpoint" };
  // biome-ignore format: a table, one row a line
  const ROWS: readonly { title: string; environments: object[]; late?: object; service: string }[] = [
    { title: "has its parent's configuration", environments: [{}], service: "parent" },
    { title: "has what its parent has taken late", environments: [{}], late: { OTEL_SERVICE_NAME: "late" }, service: "late" },
    { title: "keeps what it is given", environments: [OWN], service: "own" },
    { title: "hands its own on to its threads", environments: [OWN, {}], service: "own" },
    { title: "has the configuration of the process two threads up", environments: [{}, { A: "b" }], service: "parent" },
  ];
  for (const { title, environments, late, service } of ROWS)
    it(title, async () => {
      const env = {
        ENVIRONMENTS: JSON.stringify(environments),
        ...(late === undefined ? { OTEL_SERVICE_NAME: "parent" } : { LATE: JSON.stringify(late) }),
      };
      await started({ args: [THREADS], env }, async (app) => {
        assert.equal(await serviceOf(app), service);
        const { environment, isRunning } = await ask(app, "/users/1");
        assert.deepEqual([environment, isRunning], [environments.at(-1), true]);
      });
    });

  for (const argv of [[], ["thread"], ["/nope/x"], ["a\0b"]])
    it(`has the name of its process, whatever its arguments ${JSON.stringify(argv)}`, async () => {
      const env = { ENVIRONMENTS: "[{}]", ARGV: JSON.stringify(argv) };
      await started({ args: [THREADS], env }, async (app) => {
        assert.equal(await serviceOf(app), "configuration");
        assert.match(app.stderr(), /^otel-red: metrics are served on \S+\n$/);
      });
    });

  it("does nothing where its parent is told to do nothing", async () => {
    const env = { ENVIRONMENTS: "[{}]", OTEL_SDK_DISABLED: "true" };
    await started({ args: [THREADS], env, expectsMetrics: false }, async (app) => {
      const { environment, isRunning } = await ask(app, "/users/1");
      assert.deepEqual([environment, isRunning, app.stderr()], [{}, false, ""]);
    });
  });

  it("measures where its own variables say so", async () => {
    const env = { ENVIRONMENTS: JSON.stringify([{ ...OWN, OTEL_SDK_DISABLED: "false" }]), OTEL_SDK_DISABLED: "true" };
    await started({ args: [THREADS], env }, async (app) => assert.equal(await serviceOf(app), "own"));
  });
});
