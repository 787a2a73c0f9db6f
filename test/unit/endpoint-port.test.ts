/** Who gets the endpoint's port, and when: an endpoint that the test controls, and servers that ask for ports. */
import assert from "node:assert/strict";
import { channel, hasSubscribers } from "node:diagnostics_channel";
import { readConfig } from "../../src/config/read-config.ts";
import { EndpointPort, type JoinedGroup } from "../../src/exporter/prometheus/endpoint-port.ts";
import type { Refusal } from "../../src/group/group.ts";
import type { Log } from "../../src/log/log.ts";
import { until } from "../support/until.ts";

const API = Symbol.for("opentelemetry.js.api.1");
type WithApi = { [API]?: { metrics: object } | undefined };
const DEADLINE_MS = 10_000;
const LISTEN_START = "tracing:net.server.listen:asyncStart";

/** The application calls `listen` on a server. */
const ask = (port: number, server = {}) => channel(LISTEN_START).publish({ server, options: { port } });

const DEFAULT = "OTEL_EXPORTER_PROMETHEUS_HOST=localhost OTEL_EXPORTER_PROMETHEUS_PORT=9464";
const TAKES = `${DEFAULT}: the application takes this port itself; set OTEL_EXPORTER_PROMETHEUS_PORT to a free one, or to 0 for any.`;
const TAKEN = `${DEFAULT}: the port is taken; set OTEL_EXPORTER_PROMETHEUS_PORT to a free one, or to 0 for any (EADDRINUSE).`;
const WITHOUT_METRICS = "The application runs without metrics";
const UNTIL_FREE = "There are no metrics of this process until it is free";
const OTHERS_GO_ON = "There is no endpoint; the other exporters go on";

describe("EndpointPort", () => {
  const before = (globalThis as WithApi)[API];
  let endpointPort: EndpointPort;
  let lines: string[];
  /** The ports that have been opened, in their order; those that are closed again are negative. */
  let opened: number[];
  let givenUp: number;
  let failures: unknown[];
  const ours = {};

  function watch(environment: NodeJS.ProcessEnv = {}): void {
    const log = (severity: keyof Log) => (message: string) => void lines.push(`${severity} ${message}`);
    endpointPort = new EndpointPort({
      config: readConfig(environment, undefined),
      log: { error: log("error"), warn: log("warn"), info: log("info") },
      isOwnServer: (server) => (server as object) === ours,
      onGivenUp: () => givenUp++,
      onFailure: (error) => failures.push(error),
    });
  }

  /** @param codes what `listen` fails with at each port; @param whileListening is awaited before it fails */
  const open = (
    codes: Readonly<Record<number, string>> = {},
    whileListening = async () => {},
    group: JoinedGroup | undefined = undefined,
  ) =>
    endpointPort.open((configured) => {
      let port = 0;
      return {
        get port() {
          return port;
        },
        get url() {
          return opened.includes(port) ? `http://localhost:${port}/metrics` : undefined;
        },
        async listen() {
          const code = codes[configured];
          if (code !== undefined) await whileListening();
          if (code !== undefined) throw Object.assign(new Error(`listen ${code}`), { code });
          port = configured || 49152;
          opened.push(port);
        },
        async close() {
          opened = opened.map((each) => (each === port ? -port : each));
        },
      };
    }, group);

  const withSdk = () => {
    (globalThis as WithApi)[API] = { metrics: {} };
  };

  beforeEach(() => {
    [lines, opened, givenUp, failures] = [[], [], 0, []];
  });
  afterEach(async () => {
    await endpointPort.close();
    (globalThis as WithApi)[API] = before;
    assert.equal(hasSubscribers(LISTEN_START), false);
    assert.deepEqual(failures, []);
  });

  for (const { port, at } of [
    { port: undefined, at: 9464 },
    { port: "9999", at: 9999 },
    { port: "0", at: 49152 },
  ])
    it(`opens port ${at} for OTEL_EXPORTER_PROMETHEUS_PORT=${port}, and closes it`, async () => {
      watch({ OTEL_EXPORTER_PROMETHEUS_PORT: port });
      assert.equal(endpointPort.url, undefined);
      await open();
      const url = `http://localhost:${at}/metrics`;
      assert.deepEqual([endpointPort.url, endpointPort.port, opened], [url, at, [at]]);
      assert.deepEqual(lines, [`info metrics are served on ${url}`]);
      await endpointPort.close();
      assert.deepEqual([endpointPort.url, opened, givenUp], [undefined, [-at], 0]);
    });

  it("opens nothing once it is closed", async () => {
    watch();
    await endpointPort.close();
    await open();
    assert.deepEqual([opened, lines, givenUp], [[], [], 0]);
  });

  it("does not react to other ports, and to servers of otel-red's own", async () => {
    watch();
    ask(3000);
    ask(9464, ours);
    await open();
    ask(9465);
    ask(9464, ours);
    assert.deepEqual([opened, givenUp], [[9464], 0]);
  });

  describe("yields to the application", () => {
    it("that asked before the endpoint is opened", async () => {
      watch();
      ask(9464);
      assert.deepEqual([lines, givenUp], [[], 0]);
      await open();
      assert.deepEqual([opened, lines, givenUp], [[], [`error ${TAKES} ${WITHOUT_METRICS}`], 1]);
    });

    it("that asks later, before it binds the port", async () => {
      watch();
      await open();
      ask(9464);
      assert.deepEqual([opened, lines.slice(1), givenUp], [[-9464], [`error ${TAKES} ${WITHOUT_METRICS}`], 1]);
      ask(9464);
      assert.equal(givenUp, 1);
    });

    it("which asks for a port that the system chose", async () => {
      watch({ OTEL_EXPORTER_PROMETHEUS_PORT: "0" });
      await open();
      ask(49152);
      assert.deepEqual([opened, givenUp], [[-49152], 1]);
    });

    it("while other exporters go on", async () => {
      watch({ OTEL_METRICS_EXPORTER: "prometheus,console" });
      await open();
      ask(9464);
      assert.deepEqual([opened, lines.slice(1), givenUp], [[-9464], [`error ${TAKES} ${OTHERS_GO_ON}`], 1]);
    });
  });

  it("says once that the port is taken, and opens it when it is free", async () => {
    const codes: Record<number, string> = { 9464: "EADDRINUSE" };
    watch();
    await open(codes);
    const said = [`error ${TAKEN} ${UNTIL_FREE}`];
    await until("it is said", DEADLINE_MS, async () => lines.length > 0 || undefined);
    assert.deepEqual([opened, lines, givenUp, endpointPort.isClosed], [[], said, 0, false]);
    delete codes[9464];
    await until("it is open", DEADLINE_MS, async () => endpointPort.url);
    assert.deepEqual([opened, lines], [[9464], [...said, "info metrics are served on http://localhost:9464/metrics"]]);
  });

  it("says nothing of a port that is free again within a moment", async () => {
    const codes: Record<number, string> = { 9464: "EADDRINUSE" };
    watch();
    await open(codes);
    delete codes[9464];
    await until("it is open", DEADLINE_MS, async () => endpointPort.url);
    assert.deepEqual(lines, ["info metrics are served on http://localhost:9464/metrics"]);
  });

  it("takes the first free port from the configured one up where each process has its own page", async () => {
    watch({ RED_PROCESSES: "separate" });
    await open({ 9464: "EADDRINUSE", 9465: "EADDRINUSE" });
    assert.deepEqual([opened, lines], [[9466], ["info metrics are served on http://localhost:9466/metrics"]]);
  });

  describe("where another process has the port", () => {
    /** What the group says to each port that is asked for. */
    let outcome: "joined" | "nobody" | Refusal;
    let calls: string[];
    const group = {
      serve: (port: number) => void calls.push(`serve ${port}`),
      join: async (port: number) => {
        calls.push(`join ${port}`);
        return outcome;
      },
      close: () => void calls.push("close"),
    };
    beforeEach(() => {
      [outcome, calls] = ["joined", []];
      watch();
    });

    it("joins it, and has its address", async () => {
      await open({ 9464: "EADDRINUSE" }, async () => {}, group);
      assert.deepEqual([opened, calls], [[], ["join 9464"]]);
      assert.deepEqual([endpointPort.url, endpointPort.port], ["http://localhost:9464/metrics", 9464]);
      assert.deepEqual(lines, [
        "info the metrics of this process are served on http://localhost:9464/metrics, along with those of others",
      ]);
    });

    it("serves itself where the port is free", async () => {
      await open({}, async () => {}, group);
      assert.deepEqual([opened, calls], [[9464], ["serve 9464"]]);
    });

    it("takes the port when that process has ended, as its standby", async () => {
      const codes: Record<number, string> = { 9464: "EADDRINUSE" };
      await open(codes, async () => {}, group);
      delete codes[9464];
      endpointPort.lost(0);
      await until("it is open", DEADLINE_MS, async () => opened[0]);
      assert.deepEqual([opened, calls], [[9464], ["join 9464", "serve 9464"]]);
    });

    it("leaves the port to the standby for a while, if it is none", async () => {
      const codes: Record<number, string> = { 9464: "EADDRINUSE" };
      await open(codes, async () => {}, group);
      delete codes[9464];
      outcome = "nobody";
      endpointPort.lost(undefined);
      await until("it is open", DEADLINE_MS, async () => opened[0]);
      assert.deepEqual([calls.filter((call) => call === "join 9464").length, calls.at(-1)], [13, "serve 9464"]);
    });

    it("says once why it is refused, and tries again", async () => {
      outcome = { refused: "the port is taken by the service mail", isSaid: true };
      await open({ 9464: "EADDRINUSE" }, async () => {}, group);
      assert.deepEqual(lines, [`error ${DEFAULT}: the port is taken by the service mail. ${UNTIL_FREE}`]);
      outcome = "joined";
      await until("it has joined", DEADLINE_MS, async () => endpointPort.url);
      assert.equal(lines.length, 2);
    });

    it("a primary only joins: it neither takes the port nor says that it is refused", async () => {
      outcome = { refused: "another service", isSaid: true };
      await endpointPort.joinOnly(() => assert.fail("it takes the port"), group);
      assert.deepEqual([calls, lines], [["join 9464"], []]);
    });

    it("leaves the group when it is closed", async () => {
      await open({ 9464: "EADDRINUSE" }, async () => {}, group);
      await endpointPort.close();
      assert.equal(calls.at(-1), "close");
    });
  });

  it("hands on an error that has no remedy", async () => {
    watch();
    await open({ 9464: "EMFILE" });
    assert.deepEqual([opened, lines, givenUp], [[], [], 0]);
    assert.match(String(failures.pop()), /EMFILE/);
  });

  describe("beside an OpenTelemetry SDK of the application's", () => {
    beforeEach(withSdk);

    it("opens the configured port where the SDK leaves it free", async () => {
      watch();
      await open();
      assert.deepEqual(opened, [9464]);
    });

    it("moves to the next port where the SDK has asked for it, and has it", async () => {
      watch();
      ask(9464);
      await open({ 9464: "EADDRINUSE" });
      assert.deepEqual([opened, givenUp], [[9465], 0]);
      assert.deepEqual(lines, [
        "warn OTEL_EXPORTER_PROMETHEUS_PORT=9464 is taken, most likely by the application's own OpenTelemetry SDK, which reads this variable, too: the metrics of otel-red are served on http://localhost:9465/metrics",
        "info metrics are served on http://localhost:9465/metrics",
      ]);
    });

    it("opens no other port once it is closed", async () => {
      watch();
      await open({ 9464: "EADDRINUSE" }, () => endpointPort.close());
      assert.deepEqual([opened, lines, givenUp], [[], [], 0]);
    });

    it("tries both again where the next port is taken, too", async () => {
      const codes: Record<number, string> = { 9464: "EADDRINUSE", 9465: "EADDRINUSE" };
      watch();
      await open(codes);
      delete codes[9465];
      await until("it is open", DEADLINE_MS, async () => endpointPort.url);
      assert.deepEqual([opened, givenUp], [[9465], 0]);
    });

    it("opens nothing where the application asks for the port during the SDK's head start", async () => {
      watch();
      const opening = open();
      ask(9464);
      await opening;
      assert.deepEqual([opened, givenUp], [[], 1]);
    });

    it("opens nothing where it is closed during the SDK's head start", async () => {
      watch();
      const opening = open();
      await endpointPort.close();
      await opening;
      assert.deepEqual([opened, lines, givenUp], [[], [], 0]);
    });
  });
});
