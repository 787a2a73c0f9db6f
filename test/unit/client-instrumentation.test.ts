/** The instrumentations of outgoing requests in this very process: what an application could notice of them. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import http, { type ClientRequest, createServer, type Server } from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Attributes } from "@opentelemetry/api";
import { OutgoingHttp } from "../../src/instrumentation/client/http.ts";
import { OutgoingUndici } from "../../src/instrumentation/client/undici.ts";
import { createNormalizer } from "../../src/instrumentation/routes/plain/normalizer.ts";
import { until } from "../support/until.ts";

type Request = (...args: unknown[]) => ClientRequest;
const request = (...args: unknown[]) => (http.request as unknown as Request)(...args);

async function echoed(sent: ClientRequest): Promise<unknown> {
  sent.end();
  const [response] = await once(sent, "response");
  return JSON.parse(Buffer.concat(await response.toArray()).toString());
}

describe("http.request and http.get, measured", () => {
  let server: Server;
  let port: number;
  let failures: unknown[];
  let ended: Attributes[];
  let instrumentation: OutgoingHttp;
  const untouched = { request: http.request, get: http.get, tlsRequest: https.request, tlsGet: https.get };
  const now = () => ({ request: http.request, get: http.get, tlsRequest: https.request, tlsGet: https.get });

  before(async () => {
    server = createServer((req, res) => res.end(JSON.stringify([req.method, req.url, req.rawHeaders])));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    port = (server.address() as AddressInfo).port;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    failures = [];
    ended = [];
    instrumentation = new OutgoingHttp(
      (_seconds, attributes) => ended.push(attributes),
      (error) => failures.push(error),
    );
  });
  afterEach(() => {
    instrumentation.disable();
    assert.deepEqual(now(), untouched);
  });

  it("tell the path of a Unix socket, and no port", async () => {
    const folder = mkdtempSync(join(tmpdir(), "otel-red-socket-"));
    const socketPath = join(folder, "4711.sock");
    const local = createServer((_req, res) => res.end("[]")).listen(socketPath);
    try {
      await once(local, "listening");
      instrumentation.enable();
      await echoed(request({ socketPath, path: "/a" }));
      await until("it has ended", 30_000, async () => ended.length === 1 || undefined);
      const [attributes = {}] = ended;
      assert.equal(attributes["server.address"], createNormalizer()(socketPath));
      assert.match(String(attributes["server.address"]), /\/:id\.sock$/);
      assert.equal(attributes["server.port"], undefined);
    } finally {
      local.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  for (const [name, args] of [
    ["a URL as text", () => [`http://127.0.0.1:${port}/a?b=c#d`]],
    ["credentials in a URL", () => [new URL(`http://us%40er:p%3Ass@127.0.0.1:${port}/a`)]],
    ["a URL and options", () => [new URL(`http://127.0.0.1:${port}/a`), { method: "PUT", headers: { a: "1" } }]],
    ["headers as an array", () => [{ port, host: "127.0.0.1", headers: ["host", "x", "a", "1", "a", "2"] }]],
    ["options with auth", () => [{ port, hostname: "127.0.0.1", auth: "a:b", path: "/x" }]],
    ["options without a prototype", () => [Object.assign(Object.create(null), { port, host: "127.0.0.1" })]],
    ["frozen options", () => [Object.freeze({ port, host: "127.0.0.1", headers: Object.freeze({ a: "1" }) })]],
    ["an empty URL's path", () => [`http://127.0.0.1:${port}`, { insecureHTTPParser: false }]],
  ] as [string, () => unknown[]][]) {
    it(`sends what it was told: ${name}`, async () => {
      const without = await echoed(request(...args()));
      instrumentation.enable();
      assert.deepEqual(await echoed(request(...args())), without);
      await until("it is measured", 5000, async () => ended[0]);
      assert.deepEqual(
        [ended[0]?.["server.address"], Number(ended[0]?.["server.port"]), ended[0]?.["http.response.status_code"]],
        ["127.0.0.1", port, 200],
      );
      assert.deepEqual(failures, []);
    });
  }

  for (const args of [
    ["nonsense"],
    [{ method: 5 }],
    [{ path: "/a b" }],
    [{ headers: { "a b": "1" } }],
    [{ host: 7 }],
    [],
  ]) {
    it(`refuses as Node does: ${JSON.stringify(args)}`, async () => {
      const refusal = () => {
        try {
          // a request without a host goes to localhost:80
          request(...args)
            .on("error", () => {})
            .destroy();
          return undefined;
        } catch (error) {
          return { ...(error as Error), message: (error as Error).message };
        }
      };
      const without = refusal();
      instrumentation.enable();
      assert.deepEqual(refusal(), without);
      if (without !== undefined) assert.deepEqual(ended, []);
      assert.deepEqual(failures, []);
    });
  }

  it("has no listener that a response or an error could be missed by", async () => {
    const listeners = () => {
      const sent = request({ port, host: "127.0.0.1" });
      sent.on("error", () => {}).destroy();
      return ["response", "error", "upgrade", "connect", "socket", "timeout"].map((event) => sent.listenerCount(event));
    };
    const without = listeners();
    instrumentation.enable();
    assert.deepEqual(listeners(), without);
  });

  it("is what somebody else wraps, and no more than what it wrapped once it is off", async () => {
    instrumentation.enable();
    const ours = http.request;
    http.request = ((...args: Parameters<typeof ours>) => ours(...args)) as typeof ours;
    try {
      await echoed(request({ port, host: "127.0.0.1" }));
      await until("it is measured", 5000, async () => ended[0]);
      instrumentation.disable();
      await echoed(request({ port, host: "127.0.0.1" }));
      assert.equal(ended.length, 1);
    } finally {
      http.request = untouched.request;
    }
  });

  it("can be switched off and on", async () => {
    for (const measured of [1, 2]) {
      instrumentation.enable();
      instrumentation.enable();
      await echoed(request({ port, host: "127.0.0.1" }));
      await until("it is measured, once", 5000, async () => (ended.length === measured ? true : undefined));
      instrumentation.disable();
      await echoed(request({ port, host: "127.0.0.1" }));
    }
    assert.equal(ended.length, 2);
  });

  it("goes on where our own code fails", async () => {
    const failing = new OutgoingHttp(
      () => {
        throw new Error("recording");
      },
      (error) => failures.push(error),
    );
    failing.enable();
    try {
      await echoed(request({ port, host: "127.0.0.1" }));
      const failure = await until("it is told", 5000, async () => failures[0]);
      assert.equal((failure as Error).message, "recording");
    } finally {
      failing.disable();
    }
  });

  it("fetch goes on where our own code fails", async () => {
    const undici = new OutgoingUndici((error) => failures.push(error));
    const record = () => {
      throw new Error("recording");
    };
    undici.setMeterProvider({ getMeter: () => ({ createHistogram: () => ({ record }) }) as never });
    undici.enable();
    try {
      const response = await fetch(`http://127.0.0.1:${port}/`);
      assert.equal(response.status, 200);
      await response.text();
      const failure = await until("it is told", 5000, async () => failures[0]);
      assert.equal((failure as Error).message, "recording");
    } finally {
      undici.disable();
    }
  });
});
