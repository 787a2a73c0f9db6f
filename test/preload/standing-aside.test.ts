/**
 * Nothing until it is a server, and nothing in the way of one: NODE_OPTIONS reaches npm, scripts, workers and children,
 * and the application may have a use of its own for our port.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type App, REGISTER, REPOSITORY, startApp } from "../support/app.ts";
import { parseExposition, series, total } from "../support/exposition.ts";
import { freePort } from "../support/free-port.ts";
import { run } from "../support/run.ts";
import { until } from "../support/until.ts";

const DEADLINE_MS = 15_000;
const APPS = join(REPOSITORY, "test/apps/standing-aside");
/** As it is for a user who sets nothing, but for the port. */
const quiet = (port: number) => ({ OTEL_EXPORTER_PROMETHEUS_PORT: String(port), OTEL_LOG_LEVEL: "" });
/** As talkative as it gets. */
const talkative = (port: number) => ({ OTEL_EXPORTER_PROMETHEUS_PORT: String(port), OTEL_LOG_LEVEL: "all" });

const text = async (url: string) => (await fetch(url)).text();
const scrape = async (port: number) => parseExposition(await text(`http://127.0.0.1:${port}/metrics`));

/** All the ports that an application has printed. */
const portsOf = (app: App) => /^listening (.*)$/m.exec(app.stdout())?.[1]?.split(" ").map(Number) ?? [];

/** What both servers of an application say, once only so many of them are measured. */
const answersOnceSettled = (app: App, measured: number) =>
  until(`${measured} of two are measured`, DEADLINE_MS, async () => {
    const answers = await Promise.all(portsOf(app).map((port) => text(`http://127.0.0.1:${port}/a`)));
    return answers.filter((answer) => answer.endsWith("true")).length === measured ? answers : undefined;
  });

describe("standing aside", () => {
  let folder: string;
  let port: number;
  let app: App | undefined;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "otel-red-aside-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(async () => {
    port = await freePort(0);
  });
  afterEach(async () => {
    await app?.stop();
    app = undefined;
  });

  it("npm start: the application has the endpoint, npm nothing, and stderr is empty", async () => {
    writeFileSync(
      join(folder, "package.json"),
      JSON.stringify({ name: "started-by-npm", scripts: { start: "node app.js" } }),
    );
    writeFileSync(
      join(folder, "app.js"),
      `const server = require("node:http").createServer((request, response) => {
        response.end("ok", () => request.url === "/quit" && process.exit(0));
      });
      server.listen(0, "127.0.0.1", () => console.log("listening " + server.address().port));`,
    );
    app = await startApp({
      node: "npm",
      flags: [],
      args: ["start"],
      cwd: folder,
      // whether there is a newer npm is asked of the registry once a week, and told on stderr
      env: { ...quiet(port), NODE_OPTIONS: `--require "${REGISTER}"`, npm_config_update_notifier: "false" },
      expectsMetrics: false,
    });
    assert.equal(await text(`${app.url}/users/1`), "ok");
    await until("it is counted, for the application", DEADLINE_MS, async () => {
      const { samples } = await scrape(port);
      return (
        total(samples, "http_requests_total", { service: "started-by-npm", path: "/users/:id" }) === 1 || undefined
      );
    });
    assert.equal(await text(`${app.url}/quit`), "ok");
    assert.equal(await app.exited, 0);
    assert.equal(app.stderr(), "");
  });

  describe("opens nothing and says nothing in", () => {
    const tries = `require("node:net").connect(${"PORT"}, "127.0.0.1").on("connect", () => console.log("open")).on("error", (error) => console.log(error.code))`;
    for (const { what, script, args = [], env = {} } of [
      { what: "a script that does nothing", script: "" },
      { what: "a script that fails", script: "throw new Error('its own')" },
      { what: "a script with an exit code of its own", script: "process.exit(7)" },
      { what: "a script that looks for our port", script: tries },
      {
        what: "a client of a server elsewhere",
        script: "fetch(process.argv[1]).then((r) => r.text()).then(console.log)",
        args: ["URL"],
      },
      {
        what: "a server that is none of HTTP",
        script: `require("node:net").createServer((socket) => socket.end("hello")).listen(0, "127.0.0.1", function () {
          require("node:net").connect(this.address().port, "127.0.0.1").on("data", (data) => console.log(String(data))).on("end", () => this.close());
        })`,
      },
      {
        what: "a script with a bad configuration",
        script: "console.log(1)",
        env: { RED_MAX_LABEL_SETS: "many", OTEL_SDK_DISABLED: "perhaps" },
      },
    ] as { what: string; script: string; args?: string[]; env?: NodeJS.ProcessEnv }[]) {
      it(what, async () => {
        const elsewhere = createServer((_request, response) => response.end("hello")).listen(0, "127.0.0.1");
        try {
          await until("it listens", DEADLINE_MS, async () => elsewhere.listening || undefined);
          const url = `http://127.0.0.1:${(elsewhere.address() as { port: number }).port}/`;
          const program = script.replaceAll("PORT", String(port));
          const options = {
            args: ["--eval", program, ...args.map((arg) => arg.replace("URL", url))],
            env: { ...talkative(port), ...env },
          };
          const [without, under] = [await run(options), await run({ ...options, flags: ["--require", REGISTER] })];
          const place = (stderr: string) => stderr.replaceAll(/^\s+at .*\n/gm, "");
          assert.deepEqual({ ...under, stderr: place(under.stderr) }, { ...without, stderr: place(without.stderr) });
        } finally {
          elsewhere.close();
          elsewhere.closeAllConnections();
        }
      });
    }
  });

  // Node warns an application that asks for `punycode`, not one whose dependency does: it looks for who that was on the stack
  it("is not in the way of Node's telling whom to warn", async () => {
    mkdirSync(join(folder, "node_modules/@opentelemetry"), { recursive: true });
    mkdirSync(join(folder, "node_modules/dependency"));
    writeFileSync(join(folder, "node_modules/dependency/index.js"), 'require("punycode");');
    symlinkSync(join(REPOSITORY, "node_modules/@opentelemetry/api"), join(folder, "node_modules/@opentelemetry/api"));
    for (const when of ["started", "listening"]) {
      const script = join(folder, `${when}.cjs`);
      writeFileSync(
        script,
        `const { createServer } = require("node:http");
        if ("${when}" === "started") require("dependency");
        const server = createServer((_request, response) => response.end("ok")).listen(0, "127.0.0.1", () => {
          if ("${when}" === "listening") require("dependency");
          console.log("listening " + server.address().port);
        });`,
      );
      app = await startApp({ args: [script], env: quiet(port), expectsMetrics: false });
      await until("it has the endpoint", DEADLINE_MS, () => scrape(port));
      assert.equal(app.stderr(), "");
      await app.stop();
    }
  });

  it("two HTTP servers in one process have one endpoint", async () => {
    app = await startApp({ args: [join(APPS, "several.mjs"), "2"], env: talkative(port) });
    const [first, second] = portsOf(app);
    assert.deepEqual(await Promise.all([first, second].map((each) => text(`http://127.0.0.1:${each}/a`))), [
      "server 0",
      "server 1",
    ]);
    await app.scrapeUntil(
      "both are counted",
      ({ samples }) => total(samples, "http_requests_total", { path: "/a" }) === 2,
    );
    assert.equal(app.stderr(), `otel-red: metrics are served on http://localhost:${port}/metrics\n`);
  });

  it("a server on a Unix socket is a server", async () => {
    const path = join(folder, "app.sock");
    app = await startApp({ args: [join(APPS, "socket.cjs"), path], env: talkative(port) });
    await new Promise((resolve, reject) => {
      request({ socketPath: path, path: "/a" }, (response) => response.resume().on("end", resolve))
        .on("error", reject)
        .end();
    });
    await app.scrapeUntil(
      "it is counted",
      ({ samples }) => total(samples, "http_requests_total", { path: "/a" }) === 1,
    );
  });

  describe("a process of several, which all inherit the flag: no harm and no noise with", () => {
    it("workers of a cluster that share a port", async () => {
      app = await startApp({ args: [join(APPS, "cluster.cjs")], env: quiet(port), expectsMetrics: false });
      const { url } = app;
      const answers = new Map<string, string>();
      await until("both are measured", DEADLINE_MS, async () => {
        const [pid = "", isMeasured = ""] = (await text(`${url}/a`)).split(" ");
        answers.set(pid, isMeasured);
        return [...answers.values()].join() === "true,true" || undefined;
      });
      await until("it has the endpoint", DEADLINE_MS, () => scrape(port));
      assert.equal(app.stderr(), "");
    });

    for (const { who, mode, answers } of [
      {
        who: "a server in a worker thread beside one in the main thread",
        mode: "both",
        answers: ["main true", "worker true"],
      },
      { who: "a server in a worker thread only", mode: "worker-only", answers: ["worker true", "worker true"] },
    ]) {
      it(who, async () => {
        app = await startApp({ args: [join(APPS, "threads.cjs"), mode], env: quiet(port), expectsMetrics: false });
        const measured = answers.filter((answer) => answer.endsWith("true")).length;
        assert.deepEqual(await answersOnceSettled(app, measured), answers);
        await until("it has the endpoint", DEADLINE_MS, () => scrape(port));
        assert.equal(app.stderr(), "");
      });
    }

    for (const how of ["fork", "spawn"])
      it(`a child by ${how} that is a server`, async () => {
        app = await startApp({ args: [join(APPS, "children.cjs"), how], env: quiet(port), expectsMetrics: false });
        assert.deepEqual(await answersOnceSettled(app, 2), ["parent true", "child true"]);
        assert.equal(await app.stop(), 0);
        assert.equal(app.stderr(), "");
      });
  });

  describe("an application that takes our port itself has it,", () => {
    const theirs = () =>
      `otel-red: OTEL_EXPORTER_PROMETHEUS_HOST=localhost OTEL_EXPORTER_PROMETHEUS_PORT=${port}: the application takes this port itself; set OTEL_EXPORTER_PROMETHEUS_PORT to a free one, or to 0 for any. The application runs without metrics\n`;
    /** A server that is the first has its port before we have loaded what says so. */
    const says = ({ stderr }: App) =>
      until("it is said", DEADLINE_MS, async () => stderr().includes("\n") || undefined);

    for (const [when, description] of [
      ["first", "for its first server"],
      ["second", "for a second server, when the endpoint is open"],
      ["lookup", "for a second server, while its host is looked up and the endpoint opens"],
    ] as const) {
      it(description, async () => {
        app = await startApp({
          args: [join(APPS, "same-port.cjs"), when],
          env: { ...quiet(port), PORT: String(port) },
          expectsMetrics: false,
        });
        assert.equal(app.port, port);
        assert.equal(await text(`http://localhost:${port}/metrics`), "ours");
        assert.doesNotMatch(app.stdout(), /harmed/);
        await says(app);
        assert.equal(app.stderr(), theirs());
      });
    }

    it("for what is no HTTP server", async () => {
      app = await startApp({
        args: [join(APPS, "same-port.cjs"), "net"],
        env: { ...quiet(port), PORT: String(port) },
        expectsMetrics: false,
      });
      const answer = await new Promise((resolve, reject) => {
        connect(port, "127.0.0.1")
          .on("data", (data) => resolve(String(data)))
          .on("error", reject);
      });
      assert.equal(answer, "ours");
      await says(app);
      assert.equal(app.stderr(), theirs());
    });
  });

  it("the series of two servers are those of one service", async () => {
    app = await startApp({ args: [join(APPS, "several.mjs"), "2"] });
    for (const each of portsOf(app)) await text(`http://127.0.0.1:${each}/users/1`);
    const { samples } = await app.scrapeUntil(
      "both are counted",
      ({ samples }) => total(samples, "http_requests_total") === 2,
    );
    assert.equal(series(samples, "http_requests_total").length, 1);
  });
});
