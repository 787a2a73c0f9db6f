/**
 * Whatever happens in our own code, and however an application ends: it goes on, and it ends, as it would without us.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { type App, INSTRUMENTATIONS, REGISTER, REPOSITORY, startApp } from "../support/app.ts";
import { total } from "../support/exposition.ts";
import { freePort } from "../support/free-port.ts";
import { type Outcome, run } from "../support/run.ts";
import { until } from "../support/until.ts";

const DEADLINE_MS = 30_000;
const APPS = join(REPOSITORY, "test/apps/harm");
const DIST = dirname(REGISTER);
/** The process turns out to be a server between the two looks. */
const LOADED_FOR_A_SERVER = ["exporter.cjs", "runtime.cjs"].map((file) => join(DIST, file));
const NOTHING = join(APPS, "nothing.cjs");
const SABOTAGE = join(APPS, "sabotage.cjs");

const text = async (url: string) => (await fetch(url)).text();

describe("an exception in our own code", () => {
  let app: App;
  afterEach(() => app.stop());

  interface Row {
    /** Names it in sabotage.cjs, which has to be told that it may begin. */
    readonly sabotage: string;
    readonly provoke: (urls: {
      readonly express: string;
      readonly fastify: string;
      readonly endpoint: string;
    }) => Promise<unknown>;
  }

  const answers =
    (path: string, expected: string) =>
    async ({ express }: { express: string }) =>
      assert.equal(await text(express + path), expected);

  const ROWS: Readonly<Record<string, Row>> = {
    "as a request starts": { sabotage: "start", provoke: answers("/users/2", "user 2") },
    "as a response finishes": { sabotage: "finish", provoke: answers("/users/2", "user 2") },
    "as a connection closes": {
      sabotage: "close",
      provoke: async ({ express, endpoint }) => {
        const socket = connect(Number(new URL(express).port), "127.0.0.1").on("error", () => {});
        socket.write("GET /never HTTP/1.1\r\nHost: x\r\n\r\n");
        await until("it is in flight", DEADLINE_MS, async () =>
          /^http_requests_active\{.*path="\/never".*\} 1$/m.test(await text(endpoint)) ? true : undefined,
        );
        socket.destroy();
      },
    },
    "as a router assigns req.route": { sabotage: "", provoke: answers("/hostile-route", "answered") },
    "as a router assigns req.baseUrl": { sabotage: "", provoke: answers("/hostile-next", "answered") },
    "as a Fastify instance is made": { sabotage: "", provoke: answers("/hostile-message", "answered") },
    "in the hook of Fastify": {
      sabotage: "fastify hook",
      provoke: async ({ fastify }) => assert.equal(await text(`${fastify}/users/2`), "user 2"),
    },
    "as another server asks for a port": { sabotage: "ports", provoke: answers("/second-server", "answered") },
    "in standing aside itself": { sabotage: "standing aside", provoke: answers("/users/2", "user 2") },
  };

  for (const RED_HTTP_INSTRUMENTATION of INSTRUMENTATIONS) {
    describe(`(${RED_HTTP_INSTRUMENTATION})`, () => {
      for (const [when, { sabotage, provoke }] of Object.entries(ROWS)) {
        it(`${when}: one line, and we stand aside`, async () => {
          const port = await freePort(0);
          const endpoint = `http://localhost:${port}/metrics`;
          app = await startApp({
            args: [join(APPS, "app.cjs")],
            flags: ["--require", SABOTAGE, "--require", REGISTER],
            env: {
              SABOTAGE: sabotage,
              OTEL_LOG_LEVEL: "",
              OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
              RED_HTTP_INSTRUMENTATION,
            },
            expectsMetrics: false,
          });
          const [, fastifyPort] = /^listening \d+ (\d+)/m.exec(app.stdout()) ?? [];
          const urls = { express: app.url, fastify: `http://127.0.0.1:${fastifyPort}`, endpoint };
          assert.equal(await text(`${urls.express}/users/1`), "user 1");
          assert.match(await text(endpoint), /^http_requests_total\{.*path="\/users\/:id"/m);
          await text(`${urls.express}/sabotage`);
          assert.equal(app.stderr(), "");

          await provoke(urls);
          await until("it has said so", DEADLINE_MS, async () => app.stderr() || undefined);
          const traces = await until("we have stood aside", DEADLINE_MS, async () => {
            const found = JSON.parse(await text(`${urls.express}/traces`));
            return found.running ? undefined : found;
          });
          assert.deepEqual(traces, { channels: [], running: false });
          for (const host of ["127.0.0.1", "[::1]"])
            await assert.rejects(text(`http://${host}:${port}/metrics`), /fetch failed/, host);
          for (const url of [urls.express, urls.fastify]) assert.equal(await text(`${url}/users/3`), "user 3");
          for (const path of ["/hostile-route", "/hostile-next", "/hostile-message"])
            assert.equal(await text(urls.express + path), "answered");
          assert.equal(
            app.stderr(),
            "otel-red: Error: sabotaged. Metrics are off for this process; the application goes on without them\n",
          );
          assert.equal(await app.stop(), "SIGTERM");
        });
      }
    });
  }

  for (const [when, sabotage, said] of [
    [
      "as the first server listens",
      "listening",
      "Error: sabotaged. Metrics are off for this process; the application goes on without them",
    ],
    [
      "as the endpoint is made",
      "exporting",
      "Error: sabotaged. Metrics are off for this process; the application goes on without them",
    ],
    ["as it is loaded", "loading", /^\w+Error: .*performance.*\. The application runs without metrics$/],
  ] as const) {
    it(`${when}: one line, and we stand aside`, async () => {
      app = await startApp({
        args: [join(APPS, "app.cjs")],
        flags: ["--require", SABOTAGE, "--require", REGISTER],
        env: { SABOTAGE: sabotage, SABOTAGED_FROM_THE_START: "1", OTEL_LOG_LEVEL: "" },
        expectsMetrics: false,
      });
      await until("it has said so", DEADLINE_MS, async () => app.stderr() || undefined);
      assert.equal(await text(`${app.url}/users/1`), "user 1");
      assert.deepEqual(JSON.parse(await text(`${app.url}/traces`)), { channels: [], running: false });
      const [, line, ...more] = /^otel-red: (.*)\n$/.exec(app.stderr()) ?? [];
      if (typeof said === "string") assert.equal(line, said);
      else assert.match(line ?? app.stderr(), said);
      assert.deepEqual(more, []);
    });
  }

  it("as the metrics are collected: one line and status 500, until it is over", async () => {
    app = await startApp({
      args: [join(APPS, "app.cjs")],
      flags: ["--require", SABOTAGE, "--require", REGISTER],
      env: { SABOTAGE: "collection" },
    });
    const announced = app.stderr();
    await text(`${app.url}/sabotage`);
    for (let i = 0; i < 3; i++) {
      const response = await fetch(app.metricsUrl);
      assert.equal(response.status, 500);
      assert.equal(await response.text(), "The metrics could not be collected; the process's stderr says why\n");
    }
    assert.equal(await text(`${app.url}/users/1`), "user 1");
    await text(`${app.url}/repair`);
    await app.scrapeUntil(
      "all are counted, also those of the meantime",
      ({ samples }) => total(samples, "http_requests_total") === 3,
    );
    assert.equal(app.stderr(), `${announced}otel-red: Error: sabotaged. Scrapes get status 500 until this is over\n`);
  });
});

describe("an application ends as it does without us:", () => {
  /** Without the frames below an application's own, and the line from where an exception was thrown last. */
  const comparable = ({ stderr, ...rest }: Outcome) => {
    const withoutFrames = stderr.replaceAll(/^\s+at .*\n/gm, "");
    return { ...rest, stderr: withoutFrames.replace(/^.*:\d+\n.*\n\s*\^+\n/m, "") };
  };

  for (const ending of [
    "normal",
    "process.exit(3)",
    "process.exit in a handler",
    "process.exitCode",
    "an exception",
    "an exception in a handler",
    "an exception that is handled",
    "a rejection",
    "a rejection that is handled",
    "SIGTERM",
    "SIGTERM that is handled",
    "SIGINT",
    "SIGINT that is handled",
    "SIGHUP",
    "beforeExit with more to do",
  ]) {
    it(ending, async () => {
      const args = [join(APPS, "endings.cjs"), ending];
      const under = (preload: string, RED_HTTP_INSTRUMENTATION = "") =>
        run({
          args,
          flags: ["--require", preload],
          env: { RED_HTTP_INSTRUMENTATION, OTEL_EXPORTER_PROMETHEUS_PORT: "0" },
        }).then(comparable);
      const without = await under(NOTHING);
      assert.match(without.stdout, /^ok\n/);
      for (const instrumentation of INSTRUMENTATIONS)
        assert.deepEqual(await under(REGISTER, instrumentation), without, instrumentation);
    });
  }
});

describe("an application sees", () => {
  interface Look {
    readonly functions: Readonly<Record<string, string>>;
    readonly symbols: readonly string[];
    /** Files that were loaded by `require`. */
    cache: readonly string[];
    readonly [what: string]: unknown;
  }
  /** Listeners by event. */
  type Counts = Readonly<Record<string, number>>;
  interface Mirror {
    readonly before: Look;
    readonly after: Look;
    readonly requests: readonly {
      readonly socket: Counts;
      /** Of the request, its response and its server. */
      readonly listeners: readonly [Counts, Counts, Counts];
    }[];
    readonly warnings: readonly string[];
  }

  const mirror = async (preload: string): Promise<Mirror> => {
    const env = { OTEL_EXPORTER_PROMETHEUS_PORT: "0" };
    const { exit, stdout, stderr } = await run({
      args: [join(APPS, "mirror.cjs")],
      flags: ["--require", preload],
      env,
    });
    assert.deepEqual([exit, stderr], [0, ""]);
    const found: Mirror = JSON.parse(stdout.replaceAll(preload, "PRELOAD"));
    for (const look of [found.before, found.after])
      look.cache = look.cache.filter((path) => !LOADED_FOR_A_SERVER.includes(path));
    return found;
  };

  let without: Mirror;
  let under: Mirror;
  before(async () => {
    [without, under] = [await mirror(NOTHING), await mirror(REGISTER)];
  });

  const rest = ({ functions: _, symbols: __, ...others }: Look) => others;

  it("the same process, modules and globals, but for one symbol", () => {
    for (const when of ["before", "after"] as const) {
      assert.deepEqual(rest(under[when]), rest(without[when]), when);
      assert.deepEqual(
        under[when].symbols.filter((symbol) => !without[when].symbols.includes(symbol)),
        ["Symbol(otel-red.running)"],
      );
    }
  });

  it("the same functions, but for two accessors of requests, once there was one", () => {
    const added = (when: "before" | "after") => {
      const known = without[when].functions;
      return Object.entries(under[when].functions)
        .filter(([name, source]) => known[name] !== source)
        .map(([name]) => name);
    };
    assert.ok(Object.keys(without.before.functions).length > 500);
    assert.deepEqual(added("before"), []);
    assert.deepEqual(
      added("after").sort(),
      ["baseUrl", "route"].flatMap((name) => [`http.IncomingMessage.${name} get`, `http.IncomingMessage.${name} set`]),
    );
    assert.deepEqual(
      Object.keys(without.after.functions).filter((name) => !(name in under.after.functions)),
      [],
    );
  });

  it("the same requests, but for listeners of their connection's close and timeout, and of their server's connections and listeners", () => {
    const OURS = { socket: { close: 1, timeout: 1 }, server: { connection: 1, newListener: 1 } };
    const plus = (counts: Counts, ours: Counts) => {
      const more = Object.entries(ours).map(([event, count]) => [event, (counts[event] ?? 0) + count]);
      return { ...counts, ...Object.fromEntries(more) };
    };
    assert.deepEqual(
      under.requests,
      without.requests.map(({ socket, listeners: [request, response, server], ...others }) => ({
        ...others,
        socket: plus(socket, OURS.socket),
        listeners: [request, response, plus(server, OURS.server)],
      })),
    );
  });

  it("no warning", () => assert.deepEqual(under.warnings, without.warnings));

  it("nothing of the endpoint in its async context, and its APM no request to it", async () => {
    const app = await startApp({ args: [join(APPS, "context.cjs")] });
    try {
      await text(`${app.url}/a`);
      await text(app.metricsUrl);
      const seen = await until("it has printed who has seen the scrape", DEADLINE_MS, async () =>
        app.stdout().includes("/metrics in ") ? app.stdout().split("\n") : undefined,
      );
      assert.ok(seen.includes("APM: /a") && seen.some((line) => line.startsWith("/a in ")), app.stdout());
      assert.deepEqual(
        seen.filter((line) => line.includes("/metrics")),
        ["/metrics in undefined"],
      );
    } finally {
      await app.stop();
    }
  });
});

describe("it does not matter to an application", () => {
  it("that its clock is not ours", async () => {
    const app = await startApp({ args: [join(APPS, "clock.cjs")] });
    try {
      assert.equal(await text(`${app.url}/users/1`), "ok");
      const { samples } = await app.scrapeUntil(
        "it is counted",
        ({ samples }) => total(samples, "http_requests_total") === 1,
      );
      assert.ok(total(samples, "http_request_duration_seconds_sum") > 0);
      assert.match(app.stderr(), /^otel-red: metrics are served on \S+\n$/);
    } finally {
      await app.stop();
    }
  });

  it("that its stderr is closed, by itself", async () => {
    const env = { OTEL_SDK_DISABLED: "neither", OTEL_EXPORTER_PROMETHEUS_PORT: "0" };
    assert.deepEqual(await run({ args: [join(APPS, "silent.cjs"), "close"], flags: ["--require", REGISTER], env }), {
      exit: 0,
      stdout: "ok\n",
      stderr: "",
    });
  });

  it("that its stderr is closed, by who reads it", async () => {
    const child = spawn(process.execPath, ["--require", REGISTER, join(APPS, "silent.cjs")], {
      env: { ...process.env, NODE_OPTIONS: "", OTEL_SDK_DISABLED: "neither", OTEL_EXPORTER_PROMETHEUS_PORT: "0" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stderr.destroy();
    const exited = once(child, "exit");
    assert.equal(Buffer.concat(await child.stdout.toArray()).toString(), "ok\n");
    assert.deepEqual(await exited, [0, null]);
  });
});
