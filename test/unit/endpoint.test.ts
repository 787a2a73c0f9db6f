/** What a scraper, or somebody else, gets from the endpoint: real sockets, a scrape that the test controls. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, createServer, type IncomingHttpHeaders, request, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { Endpoint, type EndpointOptions } from "../../src/exporter/prometheus/endpoint.ts";
import type { ExpositionFormat } from "../../src/exporter/prometheus/format.ts";
import { freePort } from "../support/free-port.ts";
import { until } from "../support/until.ts";

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
  readonly host?: string;
}

function ask(
  port: number,
  { method = "GET", path = "/metrics", headers = {}, agent, host }: Asked = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: host ?? "127.0.0.1", port, method, path, headers, agent });
    asked.on("error", reject).on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk) => chunks.push(chunk)).on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    asked.end();
  });
}

const ABSOLUTE_BUT_OTHER = ["http://shop", "http://shop/", "http://shop?/metrics", "//shop/metrics"];

const HAS_IPV6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === "::1"),
);

describe("Endpoint", () => {
  const servers: Server[] = [];
  let failures: unknown[];
  let render: (format: ExpositionFormat) => Promise<readonly Buffer[]>;
  let endpoint: Endpoint;

  async function open(options: Partial<EndpointOptions> = {}): Promise<number> {
    endpoint = new Endpoint({
      host: "127.0.0.1",
      port: 0,
      scrape: { render: (format) => render(format) },
      nowMs: () => performance.now(),
      onServer: (server) => servers.push(server),
      onFailure: (error) => failures.push(error),
      ...options,
    });
    await endpoint.listen();
    return endpoint.port;
  }

  beforeEach(() => {
    failures = [];
    servers.length = 0;
    render = async (format) => [Buffer.from(`# ${format}\n`), Buffer.from("é\n")];
  });
  afterEach(() => endpoint.close());

  describe("answers", () => {
    for (const { accept, type, body } of [
      { accept: "*/*", type: "text/plain; version=0.0.4; charset=utf-8", body: "# text\né\n" },
      {
        accept: "application/openmetrics-text;version=1.0.0",
        type: "application/openmetrics-text; version=1.0.0; charset=utf-8",
        body: "# openmetrics\né\n",
      },
    ]) {
      it(`${accept} with ${type}`, async () => {
        const answer = await ask(await open(), { headers: { accept } });
        assert.equal(answer.status, 200);
        assert.equal(answer.headers["content-type"], type);
        assert.equal(answer.headers["content-length"], String(Buffer.byteLength(body)));
        assert.equal(answer.headers.vary, "Accept, Accept-Encoding");
        assert.equal(answer.headers["content-encoding"], undefined);
        assert.equal(answer.body.toString(), body);
      });
    }

    it("with gzip where it is accepted", async () => {
      const asked: unknown[] = [];
      const compressed = gzipSync("# text\n");
      const scrape: EndpointOptions["scrape"] = {
        render: async (...how) => {
          asked.push(how);
          return [compressed];
        },
      };
      const { headers, body } = await ask(await open({ scrape }), { headers: { "accept-encoding": "gzip" } });
      assert.deepEqual(asked, [["text", "gzip", 3000]]);
      assert.equal(headers["content-encoding"], "gzip");
      assert.equal(headers["content-length"], String(compressed.length));
      assert.deepEqual(body, compressed);
    });

    it("within the time that the scraper has", async () => {
      const asked: unknown[] = [];
      const scrape: EndpointOptions["scrape"] = {
        render: async (...how) => {
          asked.push(how);
          return [];
        },
      };
      await ask(await open({ scrape }), { headers: { "X-Prometheus-Scrape-Timeout-Seconds": "2" } });
      assert.deepEqual(asked, [["text", "identity", 1500]]);
    });

    for (const path of [
      "/metrics?",
      "/metrics?name[]=http_requests_total&x=/y",
      "http://127.0.0.1:9464/metrics",
      "HTTPS://shop/metrics?x=/y",
      "http://shop//metrics",
      "//metrics",
      "///metrics?x",
    ]) {
      it(`${path} like /metrics`, async () => {
        const { status, body } = await ask(await open(), { path });
        assert.deepEqual([status, body.toString()], [200, "# text\né\n"]);
      });
    }

    it("HEAD like GET, without the body", async () => {
      const { status, headers, body } = await ask(await open(), { method: "HEAD" });
      assert.deepEqual([status, headers["content-length"], body.length], [200, "10", 0]);
    });

    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "QUERY"]) {
      it(`${method} with 405`, async () => {
        const { status, headers, body } = await ask(await open(), { method });
        assert.deepEqual([status, headers.allow], [405, "GET, HEAD"]);
        assert.equal(body.toString(), "Method not allowed. Use GET or HEAD\n");
      });
    }

    for (const path of [
      "/",
      "/metrics/",
      "/Metrics",
      "/metricsx",
      "/x?/metrics",
      "*",
      "/%6detrics",
      ...ABSOLUTE_BUT_OTHER,
    ]) {
      it(`${path} with 404 and a hint`, async () => {
        const { status, headers, body } = await ask(await open(), { path });
        assert.deepEqual([status, headers["content-type"]], [404, "text/plain; charset=utf-8"]);
        assert.equal(body.toString(), "Not found. The metrics are at /metrics\n");
      });
    }

    it("the next request of a connection that has had one refused", async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const port = await open();
      const statuses = [];
      for (const asked of [{ method: "POST" }, { path: "/" }, {}])
        statuses.push((await ask(port, { ...asked, agent })).status);
      agent.destroy();
      assert.deepEqual(statuses, [405, 404, 200]);
    });
  });

  describe("where collecting fails", () => {
    it("answers 500, says so once, and goes on when it is over", async () => {
      const port = await open();
      const failure = new Error("no");
      const fail = () => Promise.reject(failure);
      const succeed = render;
      const statuses: number[] = [];
      for (const outcome of [fail, fail, succeed, fail, succeed]) {
        render = outcome;
        const { status, headers, body } = await ask(port);
        statuses.push(status);
        if (status === 200) continue;
        assert.equal(headers["content-type"], "text/plain; charset=utf-8");
        assert.match(body.toString(), /could not be collected/);
      }
      assert.deepEqual(statuses, [500, 500, 200, 500, 200]);
      assert.deepEqual(failures, [failure, failure]);
    });
  });

  describe("a scraper that", () => {
    const HUGE = Array.from({ length: 400 }, () => Buffer.alloc(100_000, "x"));

    /** Asks, and reads nothing. */
    async function stall(port: number) {
      const socket = connect(port, "127.0.0.1").pause();
      await once(socket, "connect");
      socket.write(`GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n`);
      return socket;
    }

    function connections(): Promise<number> {
      return new Promise((resolve, reject) =>
        servers[0]?.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      );
    }

    it("does not read is cut off, and what it was to get is let go", async () => {
      setFlagsFromString("--expose-gc");
      const collectGarbage = runInNewContext("gc") as () => void;
      const given: WeakRef<readonly Buffer[]>[] = [];
      render = async () => {
        const chunks = HUGE.map((chunk) => Buffer.from(chunk));
        given.push(new WeakRef(chunks));
        return chunks;
      };
      const port = await open({ stalledAfterMs: 500 });
      const socket = await stall(port);
      await until("it is connected", 5000, async () => ((await connections()) === 1 ? true : undefined));
      await until("it is cut off", 5000, async () => ((await connections()) === 0 ? true : undefined));
      assert.equal(given.length, 1);
      await until("its exposition is let go", 5000, async () => {
        collectGarbage();
        return given[0]?.deref() === undefined ? true : undefined;
      });
      assert.deepEqual(failures, []);
      socket.destroy();
      render = async () => [];
      assert.equal((await ask(port)).status, 200);
    });

    it("takes its pieces slowly is not cut off", async () => {
      const pieces = Array.from({ length: 40 }, (_, i) => Buffer.from(`${i}\n`));
      const slow = Object.assign([...pieces], {
        *[Symbol.iterator]() {
          for (const piece of pieces) {
            for (const untilMs = performance.now() + 25; performance.now() < untilMs; );
            yield piece;
          }
        },
      });
      render = async () => slow;
      const { body } = await ask(await open({ stalledAfterMs: 500 }));
      assert.deepEqual(body, Buffer.concat(pieces));
    });

    it("does not read does not keep another one waiting", async () => {
      render = async () => HUGE;
      const port = await open();
      const socket = await stall(port);
      const { body } = await ask(port);
      assert.equal(body.length, 40_000_000);
      socket.destroy();
    });

    it("leaves in the middle is nobody's failure", async () => {
      render = async () => HUGE;
      const port = await open();
      const socket = await stall(port);
      socket.resume();
      await once(socket, "data");
      socket.destroy();
      await until("it is gone", 5000, async () => ((await connections()) === 0 ? true : undefined));
      assert.equal((await ask(port, { method: "HEAD" })).status, 200);
      assert.deepEqual(failures, []);
    });

    it("leaves before it has an answer is nobody's failure", async () => {
      let collected: ((chunks: readonly Buffer[]) => void) | undefined;
      render = () =>
        new Promise((resolve) => {
          collected = resolve;
        });
      const port = await open();
      const socket = await stall(port);
      await until("it has asked", 5000, async () => collected);
      socket.destroy();
      await until("it is gone", 5000, async () => ((await connections()) === 0 ? true : undefined));
      collected?.([Buffer.from("x")]);
      render = async () => [];
      assert.equal((await ask(port)).status, 200);
      assert.deepEqual(failures, []);
    });
  });

  describe("with 200 idle connections", () => {
    const sockets: Socket[] = [];
    afterEach(() => {
      for (const socket of sockets.splice(0)) socket.destroy();
    });

    /** However long the test takes, no timeout closes a connection. */
    async function openPatiently(options: Partial<EndpointOptions> = {}): Promise<number> {
      const port = await open(options);
      for (const server of servers)
        Object.assign(server, { headersTimeout: 0, requestTimeout: 0, keepAliveTimeout: 0 });
      return port;
    }

    async function connected(port: number): Promise<Socket> {
      const socket = connect(port, "127.0.0.1").on("error", () => {});
      sockets.push(socket);
      await once(socket, "connect");
      return socket;
    }

    /** Those that the endpoint has left open, by the order in which they came. */
    const openOnes = () => sockets.flatMap((socket, index) => (socket.closed ? [] : [index]));

    /** Reads what comes, so that a client sees that its connection is closed. */
    async function crowd(port: number, count = 200): Promise<void> {
      for (let i = 0; i < count; i++) (await connected(port)).resume();
    }

    it("keeps 64, those that came last, and answers", async () => {
      const port = await openPatiently();
      await crowd(port);
      await until("the others are closed", 30_000, async () => openOnes().length === 64 || undefined);
      assert.deepEqual(
        openOnes(),
        Array.from({ length: 64 }, (_, i) => 136 + i),
      );
      assert.equal((await ask(port)).status, 200);
      await until("one more is closed", 30_000, async () => openOnes().length === 63 || undefined);
      assert.deepEqual(openOnes()[0], 137);
    });

    it("counts those of both loopback addresses", async function () {
      if (!HAS_IPV6) this.skip();
      const port = await openPatiently({ host: "localhost" });
      const six = connect(port, "::1").on("error", () => {});
      sockets.push(six.resume());
      await once(six, "connect");
      await crowd(port, 64);
      await until("it is closed", 30_000, async () => six.closed || undefined);
      assert.equal(openOnes().length, 64);
    });

    it("closes none that has a request under way, nor a scraper's that was used since", async () => {
      let finish: ((chunks: readonly Buffer[]) => void) | undefined;
      const port = await openPatiently();
      const scraper = await connected(port);
      const busy = await connected(port);
      await crowd(port, 62);
      const answered = async (socket: Socket) => {
        socket.write("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
        return String((await once(socket, "data"))[0]);
      };
      assert.match(await answered(scraper), /200 OK/);
      render = () =>
        new Promise((resolve) => {
          finish = resolve;
        });
      const answer = answered(busy);
      await until("it has asked", 30_000, async () => finish);
      await crowd(port, 60);
      await until("others are closed", 30_000, async () => openOnes().length === 64 || undefined);
      assert.deepEqual(openOnes().slice(0, 2), [0, 1]);
      finish?.([Buffer.from("x")]);
      assert.match(await answer, /200 OK/);
    });

    it("closes a new one where all have a request under way", async () => {
      const port = await openPatiently();
      const waiting: ((chunks: readonly Buffer[]) => void)[] = [];
      render = () => new Promise((resolve) => waiting.push(resolve));
      await crowd(port, 64);
      for (const socket of sockets) socket.write("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
      await until("all have asked", 30_000, async () => waiting.length === 64 || undefined);
      await crowd(port, 1);
      await until("it is closed", 30_000, async () => sockets[64]?.closed || undefined);
      assert.equal(openOnes().length, 64);
    });

    it("closes one that sends no whole head in five seconds", async () => {
      const port = await open();
      const [silent, slow] = [await connected(port), await connected(port)];
      slow.write("GET /metrics HTTP/1.1\r\n");
      for (const socket of [silent, slow]) socket.resume();
      const server = servers[0] as Server;
      assert.deepEqual([server.headersTimeout, server.requestTimeout], [5000, 10_000]);
      await until("both are closed", 30_000, async () => openOnes().length === 0 || undefined);
    });
  });

  describe("opens", () => {
    it("on the port that it is given, and says where", async () => {
      const port = await freePort(0);
      await open({ port });
      assert.deepEqual([endpoint.port, endpoint.url], [port, `http://127.0.0.1:${port}/metrics`]);
    });

    it("localhost on both loopback addresses, on one port", async function () {
      if (!HAS_IPV6) this.skip();
      const port = await open({ host: "localhost" });
      assert.equal(endpoint.url, `http://localhost:${port}/metrics`);
      for (const host of ["127.0.0.1", "::1"]) assert.equal((await ask(port, { host })).status, 200);
      assert.equal(servers.length, 2);
    });

    it("an IPv6 address, in brackets in its URL", async function () {
      if (!HAS_IPV6) this.skip();
      const port = await open({ host: "::1" });
      assert.equal(endpoint.url, `http://[::1]:${port}/metrics`);
      assert.equal((await fetch(endpoint.url as string)).status, 200);
    });

    it("has each server of its own reported before it listens", async () => {
      const listening: boolean[] = [];
      await open({ host: "localhost", onServer: (server) => listening.push(server.listening) });
      assert.ok(listening.length > 0);
      assert.ok(listening.every((each) => each === false));
    });

    for (const { what, host, code } of [
      { what: "an address of another machine", host: "192.0.2.1", code: /EADDRNOTAVAIL/ },
      { what: "a host that is not known", host: "no-such-host.invalid", code: /ENOTFOUND|EAI_AGAIN/ },
    ]) {
      it(`not on ${what}`, async () => {
        await assert.rejects(open({ host }), { code });
        assert.equal(endpoint.url, undefined);
      });
    }

    for (const taken of ["127.0.0.1", "::1", "0.0.0.0", "::"]) {
      it(`not on localhost where its port is taken on ${taken}, and then on no address`, async function () {
        if (taken.includes(":") && !HAS_IPV6) this.skip();
        const theirs = createServer().listen(0, taken);
        await once(theirs, "listening");
        const { port } = theirs.address() as AddressInfo;
        try {
          await assert.rejects(open({ host: "localhost", port }), { code: "EADDRINUSE" });
          assert.ok(servers.length > 0);
          assert.ok(servers.every((server) => !server.listening));
        } finally {
          theirs.close();
        }
      });
    }
  });

  describe("closes", () => {
    it("with scrapes under way, and its port is free at once", async () => {
      render = () => new Promise(() => {});
      const port = await open();
      const scrape = assert.rejects(ask(port), { code: "ECONNRESET" });
      await until(
        "it has asked",
        5000,
        async () => (servers[0] as Server & { _connections: number })._connections || undefined,
      );
      const closed = endpoint.close();
      const theirs = createServer().listen(port, "127.0.0.1");
      await once(theirs, "listening");
      theirs.close();
      await Promise.all([closed, scrape]);
      assert.equal(endpoint.url, undefined);
    });

    it("with a scrape under way that fails by it, and does not report that", async () => {
      let fail: (error: Error) => void = assert.fail;
      const asked = new Promise<void>((resolve) => {
        render = () =>
          new Promise((_resolve, reject) => {
            fail = reject;
            resolve();
          });
      });
      const scrape = assert.rejects(ask(await open()), { code: "ECONNRESET" });
      await asked;
      await endpoint.close();
      fail(new Error("the reader is shut down"));
      await scrape;
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(failures, []);
    });

    it("before it has opened, and then does not open", async () => {
      const options = { host: "localhost", port: 0, scrape: { render }, nowMs: () => 0, onFailure: () => {} };
      endpoint = new Endpoint({ ...options, onServer: (server) => servers.push(server) });
      const opening = endpoint.listen();
      await endpoint.close();
      await opening;
      await until("nothing listens", 5000, async () => (servers.some((server) => server.listening) ? undefined : true));
      assert.equal(endpoint.url, undefined);
      assert.equal(servers.length, 1);
    });
  });
});
