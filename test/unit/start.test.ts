/** The public API, in a process that starts otel-red in code: one of it, from the first server on, until it is shut down. */
import assert from "node:assert/strict";
import { hasSubscribers } from "node:diagnostics_channel";
import { once } from "node:events";
import { createServer, IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ConfigError, type RedHandle, startRed } from "../../src/index.ts";
import { type Exposition, parseExposition, total } from "../support/exposition.ts";
import { until } from "../support/until.ts";

const ENVIRONMENT = { OTEL_EXPORTER_PROMETHEUS_PORT: "0", OTEL_SERVICE_NAME: "shop", OTEL_LOG_LEVEL: "none" };
const CHANNELS = [
  "http.server.request.start",
  "http.server.response.finish",
  "tracing:net.server.listen:asyncStart",
  "tracing:net.server.listen:asyncEnd",
  "fastify.initialization",
];

const subscribed = () => CHANNELS.filter((channel) => hasSubscribers(channel));
const symbols = () => Object.getOwnPropertySymbols(globalThis).filter((symbol) => String(symbol).includes("otel-red"));

describe("startRed", () => {
  const servers: Server[] = [];
  let red: RedHandle | undefined;

  async function listen(): Promise<string> {
    const server = createServer((_request, response) => response.end("ok")).listen(0, "127.0.0.1");
    servers.push(server);
    await once(server, "listening");
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const opened = () => until("the endpoint opens", 5000, async () => red?.url);

  async function scrapeWith(requests: number): Promise<Exposition> {
    return until("the requests are counted", 5000, async () => {
      const exposition = parseExposition(await (await fetch(red?.url as string)).text());
      return total(exposition.samples, "http_requests_total") === requests ? exposition : undefined;
    });
  }

  afterEach(async () => {
    await red?.shutdown();
    red = undefined;
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  for (const RED_HTTP_INSTRUMENTATION of ["light", "stock"]) {
    it(`measures a server from its first request on (${RED_HTTP_INSTRUMENTATION})`, async () => {
      red = startRed({ environment: { ...ENVIRONMENT, RED_HTTP_INSTRUMENTATION } });
      assert.equal(red.url, undefined);
      const url = await listen();
      await opened();
      await fetch(`${url}/users/1`);
      await fetch(`${url}/users/2`);
      const { samples } = await scrapeWith(2);
      assert.equal(total(samples, "http_requests_total", { path: "/users/:id", service: "shop" }), 2);
    });
  }

  it("is one, however often it is called, until it is shut down", async () => {
    red = startRed({ environment: ENVIRONMENT });
    assert.equal(startRed({ environment: { RED_MAX_LABEL_SETS: "not looked at" } }), red);
    const first = red;
    await first.shutdown();
    await first.shutdown();
    red = startRed({ environment: ENVIRONMENT });
    assert.notEqual(red, first);
    await listen();
    await opened();
  });

  it("opens its endpoint with the first request where a server listens already", async () => {
    const url = await listen();
    red = startRed({ environment: ENVIRONMENT });
    await fetch(`${url}/users/1`);
    await opened();
    await fetch(`${url}/users/1`);
    await scrapeWith(2);
  });

  it("leaves nothing behind when it is shut down, but for the accessors of requests under way", async () => {
    red = startRed({ environment: ENVIRONMENT });
    assert.deepEqual(subscribed(), CHANNELS);
    assert.equal(symbols().length, 1);
    const url = await listen();
    const endpoint = await opened();
    await fetch(`${url}/users/1`);
    await red.shutdown();
    assert.deepEqual([subscribed(), symbols(), red.url], [[], [], undefined]);
    await assert.rejects(fetch(endpoint), /fetch failed/);
    assert.equal((await fetch(`${url}/users/1`)).status, 200);
    const request = Object.assign(Object.create(IncomingMessage.prototype), { route: 1 });
    assert.equal(request.route, 1);
  });

  it("can be shut down before anything listens", async () => {
    red = startRed({ environment: ENVIRONMENT });
    await red.shutdown();
    await listen();
    assert.deepEqual([subscribed(), red.url], [[], undefined]);
  });

  it("can be shut down as the first server listens, and then opens nothing", async () => {
    red = startRed({ environment: ENVIRONMENT });
    // without a host it listens when this returns
    const server = createServer((_request, response) => response.end("ok")).listen(0);
    servers.push(server);
    assert.ok(server.listening);
    await red.shutdown();
    const { port } = server.address() as AddressInfo;
    for (let i = 0; i < 20; i++) await (await fetch(`http://127.0.0.1:${port}/`)).text();
    assert.deepEqual([subscribed(), red.url], [[], undefined]);
  });

  for (const environment of [{ OTEL_SDK_DISABLED: "true" }, { OTEL_METRICS_EXPORTER: "none" }]) {
    it(`does nothing with ${JSON.stringify(environment)}`, async () => {
      red = startRed({ environment: { ...ENVIRONMENT, ...environment } });
      assert.deepEqual([subscribed(), symbols(), red.url], [[], [], undefined]);
      await red.shutdown();
    });
  }

  it("throws where a RED_* value is not accepted, and has not begun", () => {
    assert.throws(() => startRed({ environment: { RED_MAX_LABEL_SETS: "0" } }), ConfigError);
    assert.deepEqual([subscribed(), symbols()], [[], []]);
  });
});
