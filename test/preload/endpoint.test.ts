/** The endpoint of a real process under the preload. What it answers in detail is in test/unit/endpoint.test.ts. */
import assert from "node:assert/strict";
import { once } from "node:events";
import {
  Agent,
  createServer,
  get,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestOptions,
} from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type App, type AppOptions, INSTRUMENTATIONS, REGISTER, REPOSITORY, startApp } from "../support/app.ts";
import { parseExposition, series, total } from "../support/exposition.ts";
import { freePort } from "../support/free-port.ts";
import { parseOpenMetrics } from "../support/openmetrics.ts";
import { until } from "../support/until.ts";

const SERVER = join(REPOSITORY, "test/apps/endpoint/server.cjs");
const DEADLINE_MS = 30_000;
/** With it an idle connection lasts longer than a process may take to end. */
const PATIENT = ["--require", join(REPOSITORY, "test/apps/endpoint/patient.cjs"), "--require", REGISTER];

/** https://prometheus.io/docs/instrumenting/content_negotiation/ */
const PROMETHEUS_2 =
  "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
const PROMETHEUS_3 =
  "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1";
const TEXT_ONLY = "text/plain;version=0.0.4;q=1,*/*;q=0.1";

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

async function ask(url: string, options: RequestOptions = {}): Promise<Answer> {
  const [response] = (await once(get(url, options), "response")) as [IncomingMessage];
  const body = Buffer.concat(await response.toArray());
  return { status: response.statusCode, headers: response.headers, body };
}

const text = async (url: string) => (await fetch(url)).text();

describe("the endpoint", () => {
  let app: App;
  const start = async (options: Partial<AppOptions> = {}) => {
    app = await startApp({ args: [SERVER], ...options });
  };
  afterEach(() => app.stop());

  for (const { scraper, accept, type, parse } of [
    {
      scraper: "Prometheus 2",
      accept: PROMETHEUS_2,
      type: "application/openmetrics-text; version=1.0.0; charset=utf-8",
      parse: parseOpenMetrics,
    },
    {
      scraper: "Prometheus 3",
      accept: PROMETHEUS_3,
      type: "application/openmetrics-text; version=1.0.0; charset=utf-8",
      parse: parseOpenMetrics,
    },
    {
      scraper: "a scraper of text",
      accept: TEXT_ONLY,
      type: "text/plain; version=0.0.4; charset=utf-8",
      parse: parseExposition,
    },
  ]) {
    it(`answers ${scraper}`, async () => {
      await start();
      await text(`${app.url}/users/1`);
      await app.scrapeUntil("it is counted", ({ samples }) => total(samples, "http_requests_total") === 1);
      const { headers, body } = await ask(app.metricsUrl, { headers: { accept, "accept-encoding": "gzip" } });
      assert.equal(headers["content-type"], type);
      const { samples } = parse(gunzipSync(body).toString());
      assert.deepEqual(
        series(samples, "http_requests_total").map(({ labels, value }) => ({ ...labels, value })),
        [{ method: "GET", status_code: "200", path: "/users/:id", service: "endpoint", value: 1 }],
      );
    });
  }

  for (const RED_HTTP_INSTRUMENTATION of INSTRUMENTATIONS) {
    it(`counts no request to itself, from outside or from inside, under any name (${RED_HTTP_INSTRUMENTATION})`, async () => {
      // which of the runtime's series there are depends on what it has been seen to do so far
      await start({ env: { RED_HTTP_INSTRUMENTATION, RED_RUNTIME_METRICS: "false" } });
      const elsewhere = new URL("/elsewhere", app.metricsUrl).href;
      for (const url of [app.metricsUrl, elsewhere]) {
        const { status } = await fetch(url, { method: "POST" });
        assert.equal(await text(`${app.url}/ask?url=${url}`), url === elsewhere ? "404" : "200");
        assert.equal(status, url === elsewhere ? 404 : 405);
      }
      await text(`${app.url}/metrics`);
      const counted = await app.scrapeUntil(
        "the application's are counted",
        ({ samples }) => total(samples, "http_requests_total") === 2,
      );
      const { samples } = await app.scrape();
      assert.deepEqual(
        series(samples, "http_requests_total").map(({ labels, value }) => [labels.path, labels.status_code, value]),
        [["/ask", "200", 2]],
      );
      assert.equal(total(samples, "http_requests_active"), 0);
      // the application's own /metrics, which is left out by default
      assert.equal(total(samples, "otel_red_requests_excluded_total"), 1);
      assert.equal(counted.samples.length, samples.length);
    });
  }

  it("has a help text without quotes for each family of its own", async () => {
    await start({ env: { RED_CLIENT_METRICS: "true" } });
    await text(`${app.url}/ask?url=${app.url}/`);
    await app.scrapeUntil("all is shown", ({ samples }) => total(samples, "http_client_requests_total") === 1);
    const page = await text(app.metricsUrl);
    const described = [...page.matchAll(/^# HELP (\S+) [^"\n]+$/gm)].map(([, name]) => name);
    assert.deepEqual(
      described,
      [...page.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name),
    );
    assert.ok(described.includes("otel_red_overflow_total"));
  });

  it("collects once for scrapes that come together, anew for the next", async () => {
    await start();
    const socket = connect(Number(new URL(app.metricsUrl).port), "127.0.0.1");
    await once(socket, "connect");
    // in one packet, so that they are there at the same moment
    socket.write("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".repeat(2));
    let answers = "";
    socket.setEncoding("utf8").on("data", (data) => {
      answers += data;
    });
    const took = (text: string) =>
      [...text.matchAll(/^otel_red_scrape_duration_seconds (\S+)$/gm)].map(([, seconds]) => seconds);
    const [first, second] = await until("both are answered", DEADLINE_MS, async () =>
      took(answers).length === 2 ? took(answers) : undefined,
    );
    assert.equal(first, second);
    assert.notDeepEqual(took(String((await ask(app.metricsUrl)).body)), [first]);
    socket.destroy();
  });

  it("is on both loopback addresses, on one port that is chosen where it is 0, and says which at level info", async () => {
    await start();
    const { port } = new URL(app.metricsUrl);
    assert.equal(app.stderr(), `otel-red: metrics are served on http://localhost:${port}/metrics\n`);
    assert.equal((await ask(`http://127.0.0.1:${port}/metrics`)).status, 200);
    const over6 = await ask(`http://[::1]:${port}/metrics`).catch((error) => error.code);
    // a machine without IPv6
    if (over6 !== "EADDRNOTAVAIL" && over6 !== "EAFNOSUPPORT") assert.equal(over6.status, 200);
  });

  it("opens on the host that it is given", async () => {
    await start({ env: { OTEL_EXPORTER_PROMETHEUS_HOST: "0.0.0.0" } });
    assert.equal((await ask(app.metricsUrl)).status, 200);
  });

  describe("does not keep the process:", () => {
    for (const [what, agent] of [
      ["with an idle connection of a scraper", new Agent({ keepAlive: true })],
      ["without any", undefined],
    ] as const) {
      it(what, async () => {
        await start({ flags: PATIENT });
        await ask(app.metricsUrl, { agent });
        assert.equal(Object.keys(agent?.freeSockets ?? {}).length, agent === undefined ? 0 : 1);
        assert.equal(await text(`${app.url}/close`), '"closed"');
        assert.equal(await Promise.race([app.exited, until("it has ended", DEADLINE_MS, async () => undefined)]), 0);
        agent?.destroy();
      });
    }

    it("with a scrape under way that nobody reads", async () => {
      await start({ flags: PATIENT });
      const socket = connect(Number(new URL(app.metricsUrl).port), "127.0.0.1").pause();
      await once(socket, "connect");
      socket.write("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
      assert.equal(await text(`${app.url}/close`), '"closed"');
      assert.equal(await Promise.race([app.exited, until("it has ended", DEADLINE_MS, async () => undefined)]), 0);
      socket.destroy();
    });
  });

  it("cuts off a scraper that has not read for 10 s, and lets go of what it was to get", async function () {
    this.timeout(60_000);
    const buckets = Array.from({ length: 100 }, (_, i) => (i + 1) / 10).join();
    const args = ["--expose-gc", SERVER];
    await start({ args, env: { RED_DURATION_BUCKETS: buckets, RED_MAX_LABEL_SETS: "10000" } });
    const paths = 3000;
    const letters = "abcdefghijklmnop";
    const nameOf = (i: number) =>
      i.toString(16).replace(/./g, (digit) => letters[Number.parseInt(digit, 16)] as string);
    for (let i = 0; i < paths; i += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, j) => text(`${app.url}/page-${nameOf(i + j)}`)));
    }
    const before = Number(await text(`${app.url}/memory`));
    const { body } = await ask(app.metricsUrl);
    assert.ok(body.length > 30_000_000, `${body.length} bytes: the kernel takes in some`);

    const socket = connect(Number(new URL(app.metricsUrl).port), "127.0.0.1").pause();
    await once(socket, "connect");
    const { localPort } = socket;
    const isConnected = async () => JSON.parse(await text(`${app.url}/connections`)).includes(localPort);
    const askedAtMs = performance.now();
    socket.write("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    await until("its exposition is in memory", DEADLINE_MS, async () => {
      return Number(await text(`${app.url}/memory`)) > before + 15_000_000 || undefined;
    });
    await until("it is cut off", 30_000, async () => ((await isConnected()) ? undefined : true));
    const seconds = (performance.now() - askedAtMs) / 1000;
    assert.ok(seconds > 9.5, `after ${seconds} s`);
    await until("the memory is released", DEADLINE_MS, async () => {
      return Number(await text(`${app.url}/memory`)) < before + 5_000_000 || undefined;
    });
    socket.destroy();
    assert.equal((await ask(app.metricsUrl)).status, 200);
  });
});

describe("an endpoint that cannot open says why in one line, and the application goes on:", () => {
  let app: App;
  afterEach(() => app.stop());

  const start = async (env: NodeJS.ProcessEnv, flags: readonly string[] = []) => {
    const args = [...flags, SERVER];
    app = await startApp({ args, env: { OTEL_LOG_LEVEL: "", ...env }, expectsMetrics: false });
    await until("it has said something", DEADLINE_MS, async () => app.stderr() || undefined);
    assert.equal(await text(`${app.url}/`), '"ok"');
    assert.equal(await text(`${app.url}/close`), '"closed"');
    assert.equal(await app.exited, 0);
    return app.stderr();
  };

  it("the port is taken", async () => {
    const theirs = createServer().listen(0, "127.0.0.1");
    await once(theirs, "listening");
    const { port } = theirs.address() as AddressInfo;
    assert.equal(
      await start({ OTEL_EXPORTER_PROMETHEUS_PORT: String(port) }).finally(() => theirs.close()),
      `otel-red: OTEL_EXPORTER_PROMETHEUS_HOST=localhost OTEL_EXPORTER_PROMETHEUS_PORT=${port}: the port is taken; set OTEL_EXPORTER_PROMETHEUS_PORT to a free one, or to 0 for any (EADDRINUSE). There are no metrics of this process until it is free\n`,
    );
  });

  it("the host is another machine's", async () => {
    const port = await freePort(0);
    assert.equal(
      await start({ OTEL_EXPORTER_PROMETHEUS_HOST: "192.0.2.1", OTEL_EXPORTER_PROMETHEUS_PORT: String(port) }),
      `otel-red: OTEL_EXPORTER_PROMETHEUS_HOST=192.0.2.1 OTEL_EXPORTER_PROMETHEUS_PORT=${port}: the host is no address of this machine; set OTEL_EXPORTER_PROMETHEUS_HOST to one, or to 0.0.0.0 for all (EADDRNOTAVAIL). The application runs without metrics\n`,
    );
  });

  it("the host is not known", async () => {
    assert.match(
      await start({ OTEL_EXPORTER_PROMETHEUS_HOST: "no-such-host.invalid" }),
      /^otel-red: OTEL_EXPORTER_PROMETHEUS_HOST=no-such-host\.invalid \S+: the host (is not known|cannot be looked up); set \S+ to an address of this machine, or to 0\.0\.0\.0 for all \((ENOTFOUND|EAI_AGAIN)\)\. The application runs without metrics\n$/,
    );
  });

  it("the port is privileged", async () => {
    // as root, or in most containers, no port is: this process is told so for that one
    const privileged = join(REPOSITORY, "test/apps/endpoint/privileged.cjs");
    assert.equal(
      await start({ OTEL_EXPORTER_PROMETHEUS_PORT: "80" }, ["--require", privileged]),
      "otel-red: OTEL_EXPORTER_PROMETHEUS_HOST=localhost OTEL_EXPORTER_PROMETHEUS_PORT=80: the port may not be opened by this user; set OTEL_EXPORTER_PROMETHEUS_PORT to one from 1024 on (EACCES). The application runs without metrics\n",
    );
  });

  it("for a reason that nobody has thought of", async () => {
    const privileged = join(REPOSITORY, "test/apps/endpoint/privileged.cjs");
    assert.match(
      await start({ OTEL_EXPORTER_PROMETHEUS_PORT: "80", ERROR_CODE: "ENOBUFS" }, ["--require", privileged]),
      /^otel-red: Error: listen ENOBUFS.*\. Metrics are off for this process; the application goes on without them\n$/,
    );
  });
});
