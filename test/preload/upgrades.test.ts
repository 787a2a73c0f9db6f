/**
 * WebSocket and other upgrades, and CONNECT: the handshake is a request that ends with its answer, what follows is none.
 * Under both instrumentations, and the same on every Node.js that is supported.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { WebSocket } from "ws";
import { type App, REPOSITORY } from "../support/app.ts";
import { type Account, assertAccount } from "../support/books/account.ts";
import { activeRequests } from "../support/books/identities.ts";
import { everywhere } from "../support/everywhere.ts";
import { total } from "../support/exposition.ts";
import { RawConnection } from "../support/raw-http.ts";
import { portOf } from "../support/route-table.ts";

const APP = join(REPOSITORY, "test/apps/protocols/upgrades.mjs");
const PSK = Buffer.from("0123456789abcdef");

interface Row extends Account {
  readonly what: string;
  run(app: App): Promise<unknown>;
}

function upgrade(target: string, method = "GET"): string {
  return `${method} ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: test\r\n\r\n`;
}

/** Asks on a connection of its own, and leaves once this has come. */
async function leaveAfter(app: App, server: string, request: string, received: RegExp): Promise<void> {
  const connection = await RawConnection.open(portOf(app, server));
  connection.send(request);
  await connection.received(received);
  connection.destroy();
}

/** As `leaveAfter`, and meanwhile nothing is in flight: the handshake is over. */
const established = (server: string, request: string, received: RegExp) => async (app: App) => {
  const connection = await RawConnection.open(portOf(app, server));
  connection.send(request);
  await connection.received(received);
  const { samples } = await app.scrapeUntil("it is over", (exposition) => activeRequests(exposition) === 0);
  assert.ok(total(samples, "http_requests_total") > 0);
  connection.destroy();
};

const untilClosed = (server: string, request: string, received: RegExp) => async (app: App) => {
  const connection = await RawConnection.open(portOf(app, server));
  connection.send(request);
  assert.match(await connection.receivedAll(), received);
};

/** A WebSocket that says something, hears something, and goes. */
async function talk(url: string, options: { readonly heard: string; readonly secure?: true }): Promise<void> {
  const socket = new WebSocket(url, {
    ...(options.secure && {
      ciphers: "PSK",
      maxVersion: "TLSv1.2" as const,
      pskCallback: () => ({ psk: PSK, identity: "test" }),
      checkServerIdentity: () => undefined as never,
    }),
  });
  await once(socket, "open");
  socket.send("hello");
  const [message] = await once(socket, "message");
  assert.equal(String(message), options.heard);
  socket.close();
  await once(socket, "close");
}

const BY_HAND: readonly Row[] = [
  { what: "text", path: "/agreed" },
  { what: "bytes", path: "/bytes" },
  { what: "another encoding", path: "/encoded" },
  { what: "in pieces", path: "/pieces" },
  { what: "corked", path: "/corked" },
  { what: "an interim answer in front", path: "/interim" },
].map(({ what, path }) => ({
  what: `101 on the socket: ${what}`,
  run: established("hand", upgrade(path), /HTTP\/1\.1 101 /),
  counted: { [`GET 101 ${path}`]: 1 },
}));

const ROWS: readonly Row[] = [
  ...BY_HAND,
  {
    what: "bytes of another protocol: agreed",
    run: established("hand", upgrade("/foreign"), /^welcome/),
    counted: { "GET 101 /foreign": 1 },
  },
  {
    what: "401 on the socket",
    run: untilClosed("hand", upgrade("/refused"), /^HTTP\/1\.1 401 /),
    counted: { "GET 401 /refused": 1 },
  },
  {
    what: "403 by a response object of the application's own",
    run: untilClosed("hand", upgrade("/by-response"), /^HTTP\/1\.1 403 /),
    counted: { "GET 403 /by-response": 1 },
  },
  {
    what: "no answer, the server hangs up",
    run: untilClosed("hand", upgrade("/destroyed"), /^$/),
    counted: { "GET 499 /destroyed": 1 },
    aborted: { "GET /destroyed": 1 },
  },
  {
    what: "no answer, the server hangs up with an error",
    run: untilClosed("hand", upgrade("/failed"), /^$/),
    counted: { "GET 503 /failed": 1 },
    aborted: { "GET /failed": 1 },
  },
  {
    what: "no answer, the client leaves",
    run: async (app) => {
      const connection = await RawConnection.open(portOf(app, "hand"));
      connection.send(upgrade("/later"));
      await app.scrapeUntil("it is in flight", (exposition) => activeRequests(exposition) === 1);
      connection.destroy();
    },
    counted: { "GET 499 /later": 1 },
    aborted: { "GET /later": 1 },
  },
  {
    what: "an answer that takes its time: in flight until then",
    run: async (app) => {
      const connection = await RawConnection.open(portOf(app, "hand"));
      connection.send(upgrade("/later"));
      const { samples } = await app.scrapeUntil("it is in flight", (exposition) => activeRequests(exposition) === 1);
      assert.equal(total(samples, "http_requests_active", { path: "/later" }), 1);
      await leaveAfter(app, "hand", "GET /accept HTTP/1.1\r\nhost: localhost\r\n\r\n", /answered/);
      await connection.received(/HTTP\/1\.1 101 /);
      await app.scrapeUntil("it is over", (exposition) => activeRequests(exposition) === 0);
      connection.destroy();
    },
    counted: { "GET 200 /accept": 1, "GET 101 /later": 1 },
  },
  {
    what: "behind other requests on its connection",
    run: async (app) => {
      const connection = await RawConnection.open(portOf(app, "hand"));
      connection.send("GET /first HTTP/1.1\r\nhost: localhost\r\n\r\n");
      await connection.received(/answered \/first/);
      connection.send(upgrade("/agreed"));
      await connection.received(/HTTP\/1\.1 101 /);
      connection.destroy();
    },
    counted: { "GET 200 /first": 1, "GET 101 /agreed": 1 },
  },
  { what: "an excluded path", run: established("hand", upgrade("/health"), /HTTP\/1\.1 101 /) },
  {
    what: "CONNECT, agreed",
    run: established("hand", upgrade("allowed.test:443", "CONNECT"), /welcome/),
    counted: { "CONNECT 200 /*": 1 },
  },
  {
    what: "CONNECT, refused",
    run: untilClosed("hand", upgrade("denied.test:443", "CONNECT"), /^HTTP\/1\.1 403 /),
    counted: { "CONNECT 403 /*": 1 },
  },
  {
    what: "CONNECT, which nobody listens for: no request",
    run: untilClosed("none", upgrade("denied.test:443", "CONNECT"), /^$/),
  },
  {
    what: "an upgrade that nobody listens for: a request like any other",
    run: (app) => leaveAfter(app, "none", upgrade("/users/7"), /^HTTP\/1\.1 200 [\s\S]*answered/),
    counted: { "GET 200 /users/:id": 1 },
  },
  {
    what: "a listener that is added late, removed, added, and removed with all others",
    run: async (app) => {
      const ask = (path: string) =>
        leaveAfter(app, "late", `GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`, /answered/);
      const isRequest = () => leaveAfter(app, "late", upgrade("/agreed"), /^HTTP\/1\.1 200 [\s\S]*answered/);
      const isUpgrade = () => leaveAfter(app, "late", upgrade("/agreed"), /^HTTP\/1\.1 101 /);
      await isRequest();
      await ask("/listen");
      await isUpgrade();
      await ask("/unlisten");
      await isRequest();
      await ask("/listen");
      await isUpgrade();
      await ask("/unlisten-all");
      await isRequest();
    },
    counted: {
      "GET 200 /agreed": 3,
      "GET 101 /agreed": 2,
      "GET 200 /listen": 2,
      "GET 200 /unlisten": 1,
      "GET 200 /unlisten-all": 1,
    },
  },
  {
    what: "ws",
    run: (app) => talk(`ws://127.0.0.1:${portOf(app, "plain")}/chat`, { heard: "hello" }),
    counted: { "GET 101 /chat": 1 },
  },
  {
    what: "ws, a path that it does not know",
    run: (app) => assert.rejects(talk(`ws://127.0.0.1:${portOf(app, "plain")}/x`, { heard: "" }), /response: 400/),
    counted: { "GET 400 /x": 1 },
  },
  {
    what: "ws, no WebSocket",
    run: (app) => leaveAfter(app, "plain", upgrade("/chat"), /^HTTP\/1\.1 400 /),
    counted: { "GET 400 /chat": 1 },
  },
  {
    what: "ws over TLS",
    run: (app) => talk(`wss://127.0.0.1:${portOf(app, "secure")}/chat`, { heard: "hello", secure: true }),
    counted: { "GET 101 /chat": 1 },
  },
  {
    what: "ws beside Express",
    run: async (app) => {
      const port = portOf(app, "express");
      await leaveAfter(app, "express", "GET /users/7 HTTP/1.1\r\nhost: localhost\r\n\r\n", /user 7/);
      await talk(`ws://127.0.0.1:${port}/feeds/7`, { heard: "hello" });
    },
    counted: { "GET 200 /users/:id": 1, "GET 101 /feeds/:id": 1 },
  },
  {
    what: "express-ws, in an application and in a router",
    run: async (app) => {
      const port = portOf(app, "expressWs");
      await talk(`ws://127.0.0.1:${port}/echo/lobby`, { heard: "lobby: hello" });
      await talk(`ws://127.0.0.1:${port}/api/rooms/lobby`, { heard: "lobby: hello" });
    },
    counted: { "GET 101 /echo/:room": 1, "GET 101 /api/rooms/:room": 1 },
  },
  {
    what: "ws beside Fastify",
    run: async (app) => {
      const port = portOf(app, "bare");
      await leaveAfter(app, "bare", "GET /users/7 HTTP/1.1\r\nhost: localhost\r\n\r\n", /user 7/);
      await talk(`ws://127.0.0.1:${port}/feeds/7`, { heard: "hello" });
    },
    counted: { "GET 200 /users/:id": 1, "GET 101 /feeds/:id": 1 },
  },
  {
    what: "@fastify/websocket: the route's template",
    run: async (app) => {
      const port = portOf(app, "fastify");
      await talk(`ws://127.0.0.1:${port}/rooms/7`, { heard: "7: hello" });
      await assert.rejects(talk(`ws://127.0.0.1:${port}/nowhere/7`, { heard: "" }), /response: 404/);
    },
    counted: { "GET 101 /rooms/:id": 1, "GET 404 unmatched": 1 },
  },
  {
    what: "socket.io: its handshake by polling, its upgrade to a WebSocket, and long polling meanwhile",
    run: async (app) => {
      const port = portOf(app, "io");
      const polling = `http://127.0.0.1:${port}/socket.io/?EIO=4&transport=polling`;
      const opened = await (await fetch(polling)).text();
      const { sid } = JSON.parse(opened.slice(1));
      assert.equal(await (await fetch(`${polling}&sid=${sid}`, { method: "POST", body: "40" })).text(), "ok");
      assert.match(await (await fetch(`${polling}&sid=${sid}`)).text(), /^40/);
      const poll = fetch(`${polling}&sid=${sid}`);
      await app.scrapeUntil("a poll is in flight", (exposition) => activeRequests(exposition) === 1);
      const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket&sid=${sid}`);
      await once(socket, "open");
      socket.send("2probe");
      assert.equal(String((await once(socket, "message"))[0]), "3probe");
      assert.equal(await (await poll).text(), "6");
      socket.send("5");
      socket.send('420["ping"]');
      assert.equal(String((await once(socket, "message"))[0]), '430["pong"]');
      socket.close();
      await once(socket, "close");
    },
    counted: { "GET 200 /socket.io": 3, "POST 200 /socket.io": 1, "GET 101 /socket.io": 1 },
  },
];

everywhere("upgrades", APP, (app) => {
  for (const { what, run, ...account } of ROWS) it(what, () => assertAccount(app(), account, () => run(app())));
});
