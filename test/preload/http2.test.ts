/**
 * HTTP/2: how a request can end on it, by a table of clients that do just that; each stream is counted once, under both
 * instrumentations, and the same on every Node.js that is supported. A reset under a file: http2-file-reset.test.ts.
 */
import assert from "node:assert/strict";
import { constants } from "node:http2";
import { join } from "node:path";
import { type App, REPOSITORY } from "../support/app.ts";
import { type Account, assertAccount } from "../support/books/account.ts";
import { activeRequests } from "../support/books/identities.ts";
import { everywhere } from "../support/everywhere.ts";
import { total } from "../support/exposition.ts";
import { Http2Client } from "../support/http2-client.ts";
import { RawConnection } from "../support/raw-http.ts";
import { portOf } from "../support/route-table.ts";

const APP = join(REPOSITORY, "test/apps/protocols/http2.mjs");

interface Row extends Account {
  readonly ending: string;
  run(client: Http2Client, app: App): Promise<unknown>;
}

/** The whole exchange; a request that has a body sends an empty one. */
const asks = (line: string) => (client: Http2Client) => client.ask(line);

/** Resets the stream once it is in flight at the server. */
const cancelsInFlight = (line: string) => async (client: Http2Client, app: App) => {
  const exchange = client.begin(line);
  await inFlight(app, 1);
  await exchange.cancel();
};

/** Waits for this part of the answer, and goes: by a reset of the stream, or of the whole session. */
const cancelsAfter = (line: string, received: string) => async (client: Http2Client) => {
  const exchange = client.begin(line);
  await exchange.receives(received);
  await exchange.cancel();
};
const leavesAfter = (line: string, received: string) => async (client: Http2Client) => {
  await client.begin(line).receives(received);
  client.destroy();
};

/** Asks, reads nothing of the body, and resets the stream. */
const cancelsUnread = (line: string) => async (client: Http2Client) => {
  const exchange = client.begin(line);
  exchange.stream.pause();
  await new Promise((resolve) => exchange.stream.once("response", resolve));
  await exchange.cancel();
};

function inFlight(app: App, count: number) {
  return app.scrapeUntil(`${count} in flight`, (exposition) => activeRequests(exposition) === count);
}

/** By either API. */
const BOTH: readonly Row[] = [
  { ending: "the answer is sent", run: asks("GET /finished"), counted: { "GET 201 /finished": 1 } },
  { ending: "no body", run: asks("GET /no-content"), counted: { "GET 204 /no-content": 1 } },
  { ending: "no status is set", run: asks("GET /default-status"), counted: { "GET 200 /default-status": 1 } },
  { ending: "trailers", run: asks("GET /trailers"), counted: { "GET 200 /trailers": 1 } },
  { ending: "a body is read", run: asks("POST /upload"), counted: { "POST 200 /upload": 1 } },
  {
    ending: "an answer in the middle of an upload: it ends with the answer",
    run: async (client, app) => {
      const exchange = client.begin("POST /too-large");
      exchange.stream.write("some of it");
      await exchange.ends();
      await app.scrapeUntil("it has ended", ({ samples }) => {
        return total(samples, "http_requests_total", { path: "/too-large", status_code: "413" }) > 0;
      });
      await exchange.cancel();
    },
    counted: { "POST 413 /too-large": 1 },
  },
  {
    ending: "reset before any header",
    run: cancelsInFlight("GET /silent"),
    counted: { "GET 499 /silent": 1 },
    aborted: { "GET /silent": 1 },
  },
  {
    ending: "reset at once",
    run: (client) => client.begin("GET /silent").cancel(),
    counted: { "GET 499 /silent": 1 },
    aborted: { "GET /silent": 1 },
  },
  {
    ending: "reset in mid-body",
    run: cancelsAfter("GET /mid-body", "some of it"),
    counted: { "GET 206 /mid-body": 1 },
    aborted: { "GET /mid-body": 1 },
  },
  ...["/long-body", "/declared-long"].map((path) => ({
    ending: `reset under a long body: ${path}`,
    run: cancelsUnread(`GET ${path}`),
    counted: { [`GET 200 ${path}`]: 1 },
    aborted: { [`GET ${path}`]: 1 },
  })),
  {
    ending: "reset with a byte of content-length missing",
    run: cancelsAfter("GET /declared-more", "some of it"),
    counted: { "GET 200 /declared-more": 1 },
    aborted: { "GET /declared-more": 1 },
  },
  {
    ending: "not ended yet, and the client resets the stream when it has all of content-length",
    run: cancelsAfter("GET /declared", "some of it"),
    counted: { "GET 200 /declared": 1 },
  },
  {
    ending: "not ended yet, and the connection goes when the client has all of content-length",
    run: leavesAfter("GET /declared", "some of it"),
    counted: { "GET 200 /declared": 1 },
  },
  ...["/fails", "/closes-with-internal-error"].map((path) => ({
    ending: `the handler gives up: ${path}`,
    run: asks(`GET ${path}`),
    counted: { [`GET 503 ${path}`]: 1 },
    aborted: { [`GET ${path}`]: 1 },
  })),
  {
    ending: "in mid-upload, the handler gives up with an internal error",
    run: async (client) => client.begin("POST /closes-with-internal-error").closed,
    counted: { "POST 503 /closes-with-internal-error": 1 },
    aborted: { "POST /closes-with-internal-error": 1 },
  },
  {
    ending: "in mid-upload, the handler destroys the stream with an error, which the upload may be to blame for",
    run: async (client) => client.begin("POST /fails").closed,
    counted: { "POST 499 /fails": 1 },
    aborted: { "POST /fails": 1 },
  },
  {
    ending: "the client resets it as an internal error",
    run: async (client, app) => {
      const exchange = client.begin("GET /silent");
      await inFlight(app, 1);
      exchange.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    },
    counted: { "GET 499 /silent": 1 },
    aborted: { "GET /silent": 1 },
  },
  {
    ending: "the client resets an upload as an internal error",
    run: async (client, app) => {
      const exchange = client.begin("POST /silent");
      exchange.stream.write("some of it");
      await inFlight(app, 1);
      exchange.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    },
    counted: { "POST 499 /silent": 1 },
    aborted: { "POST /silent": 1 },
  },
  {
    ending: "the client says goodbye to the session with an internal error",
    run: async (client, app) => {
      client.begin("GET /silent");
      await inFlight(app, 1);
      client.session.goaway(constants.NGHTTP2_INTERNAL_ERROR);
    },
    counted: { "GET 499 /silent": 1 },
    aborted: { "GET /silent": 1 },
  },
  {
    ending: "the session is idle for too long",
    run: asks("GET /session-times-out"),
    counted: { "GET 503 /session-times-out": 1 },
    aborted: { "GET /session-times-out": 1 },
  },
  {
    ending: "the session is idle for too long, in mid-upload",
    run: async (client) => client.begin("POST /session-times-out").closed,
    counted: { "POST 499 /session-times-out": 1 },
    aborted: { "POST /session-times-out": 1 },
  },
  {
    ending: "the connection goes before any header",
    run: async (client, app) => {
      for (let i = 0; i < 3; i++) client.begin("GET /silent");
      await inFlight(app, 3);
      client.destroy();
    },
    counted: { "GET 499 /silent": 3 },
    aborted: { "GET /silent": 3 },
  },
  {
    ending: "the connection goes in mid-body",
    run: leavesAfter("GET /mid-body", "some of it"),
    counted: { "GET 206 /mid-body": 1 },
    aborted: { "GET /mid-body": 1 },
  },
  {
    ending: "the handler destroys the stream",
    run: asks("GET /destroys"),
    counted: { "GET 499 /destroys": 1 },
    aborted: { "GET /destroys": 1 },
  },
  {
    ending: "500 streams at once on one session, one in ten of them reset",
    run: async (client, app) => {
      const answered = Array.from({ length: 450 }, () => client.ask("GET /finished"));
      const silent = Array.from({ length: 50 }, () => client.begin("GET /silent"));
      await Promise.all(answered);
      await inFlight(app, 50);
      await Promise.all(silent.map((exchange) => exchange.cancel()));
    },
    counted: { "GET 201 /finished": 450, "GET 499 /silent": 50 },
    aborted: { "GET /silent": 50 },
  },
];

/** By the stream API. */
const STREAMS: readonly Row[] = [
  ...BOTH,
  { ending: "HEAD", run: asks("HEAD /head"), counted: { "HEAD 203 /head": 1 } },
  { ending: "interim headers in front", run: asks("GET /interim"), counted: { "GET 202 /interim": 1 } },
  { ending: "respondWithFile", run: asks("GET /file"), counted: { "GET 200 /file": 1 } },
  {
    ending: "respondWithFile, and there is none",
    run: asks("GET /missing-file"),
    counted: { "GET 404 /missing-file": 1 },
  },
  {
    ending: "a push, which nobody has asked for",
    run: async (client) => {
      const pushed = new Promise((resolve) => {
        client.session.on("stream", (stream) => stream.resume().on("close", resolve));
      });
      assert.equal(await client.ask("GET /pushes"), 200);
      await pushed;
    },
    counted: { "GET 200 /pushes": 1 },
  },
  {
    ending: "the handler destroys the stream with a reset of somebody's",
    run: asks("GET /fails-with-reset"),
    counted: { "GET 499 /fails-with-reset": 1 },
    aborted: { "GET /fails-with-reset": 1 },
  },
  {
    ending: "the handler refuses the stream",
    run: asks("GET /refuses"),
    counted: { "GET 499 /refuses": 1 },
    aborted: { "GET /refuses": 1 },
  },
  {
    ending: "the handler destroys the stream in mid-body",
    run: asks("GET /destroys-in-mid-body"),
    counted: { "GET 500 /destroys-in-mid-body": 1 },
    aborted: { "GET /destroys-in-mid-body": 1 },
  },
  {
    ending: "the server destroys the session",
    run: async (client, app) => {
      client.begin("GET /silent");
      await inFlight(app, 1);
      await client.ask("GET /destroys-session");
    },
    counted: { "GET 499 /silent": 1, "GET 499 /destroys-session": 1 },
    aborted: { "GET /silent": 1, "GET /destroys-session": 1 },
  },
  {
    ending: "the server destroys the session in mid-body",
    run: asks("GET /destroys-session-in-mid-body"),
    counted: { "GET 200 /destroys-session-in-mid-body": 1 },
    aborted: { "GET /destroys-session-in-mid-body": 1 },
  },
  {
    ending: "the server sends GOAWAY with an error, and destroys the session with one",
    run: asks("GET /says-goaway"),
    counted: { "GET 503 /says-goaway": 1 },
    aborted: { "GET /says-goaway": 1 },
  },
  {
    ending: "the server closes the session: what has begun is answered",
    run: asks("GET /closes-session"),
    counted: { "GET 200 /closes-session": 1 },
  },
  {
    ending: "CONNECT: the handshake, not the tunnel",
    run: async (client, app) => {
      const tunnel = client.begin("CONNECT", { ":authority": "example.test:443" });
      await tunnel.receives("welcome");
      await inFlight(app, 0);
      await tunnel.cancel();
    },
    counted: { "CONNECT 200 /*": 1 },
  },
  {
    ending: "a WebSocket's CONNECT (RFC 8441): the handshake",
    run: async (client, app) => {
      const socket = client.begin("CONNECT /tunnel", { ":protocol": "websocket", ":authority": "example.test" });
      await socket.receives("welcome");
      await inFlight(app, 0);
      await socket.cancel();
    },
    counted: { "CONNECT 200 /tunnel": 1 },
  },
];

/** By the compatibility API. */
const COMPAT: readonly Row[] = [
  ...BOTH,
  {
    ending: "server-sent events: in flight until the client goes",
    run: async (client, app) => {
      const events = client.begin("GET /events");
      await events.receives("data: 1");
      const { samples } = await inFlight(app, 1);
      assert.equal(total(samples, "http_requests_active", { path: "/events" }), 1);
      await events.cancel();
    },
    counted: { "GET 200 /events": 1 },
    aborted: { "GET /events": 1 },
  },
];

const EXPRESS: readonly Row[] = [
  { ending: "a route with a parameter", run: asks("GET /users/7"), counted: { "GET 200 /users/:id": 1 } },
  {
    ending: "a route below a mount with a parameter",
    run: asks("GET /api/acme/orders/7"),
    counted: { "GET 200 /api/:tenant/orders/:order": 1 },
  },
  { ending: "no route", run: asks("GET /nowhere/7"), counted: { "GET 404 unmatched": 1 } },
  {
    ending: "many routes at once on one session",
    run: (client) => Promise.all(Array.from({ length: 100 }, (_, i) => client.ask(`GET /api/${i}/orders/${i}`))),
    counted: { "GET 200 /api/:tenant/orders/:order": 100 },
  },
];

const FASTIFY: readonly Row[] = [
  {
    ending: "a route with a parameter",
    run: async (client) => {
      assert.equal(await client.ask("GET /users/7"), 200);
      assert.equal(await client.ask("HEAD /users/8"), 200);
    },
    counted: { "GET 200 /users/:id": 1, "HEAD 200 /users/:id": 1 },
  },
  { ending: "a prefix", run: asks("POST /api/orders"), counted: { "POST 201 /api/orders": 1 } },
  { ending: "no route", run: asks("GET /nowhere/7"), counted: { "GET 404 unmatched": 1 } },
  {
    ending: "many routes at once on one session",
    run: (client) =>
      Promise.all(
        Array.from({ length: 100 }, (_, i) => client.ask(i % 2 === 0 ? `GET /users/${i}` : `GET /nowhere/${i}`)),
      ),
    counted: { "GET 200 /users/:id": 50, "GET 404 unmatched": 50 },
  },
];

/** What the frameworks whose routes are seen at a class of theirs have, and connect. */
const routedAs = (path: string): readonly Row[] => [
  {
    ending: "a route",
    run: async (client) => {
      assert.equal(await client.ask("GET /users/7"), 200);
      assert.equal(await client.ask("GET /users/8"), 200);
    },
    counted: { [`GET 200 ${path}`]: 2 },
  },
  { ending: "no route", run: asks("GET /nowhere/7"), counted: { "GET 404 unmatched": 1 } },
];

interface Group {
  readonly server: string;
  readonly rows: readonly Row[];
  readonly open: (port: number) => Promise<Http2Client>;
}

const GROUPS: Readonly<Record<string, Group>> = {
  "stream API": { server: "streams", rows: STREAMS, open: Http2Client.open },
  "compatibility API": { server: "compat", rows: COMPAT, open: Http2Client.open },
  "compatibility API over TLS": { server: "secure", rows: COMPAT, open: Http2Client.openSecurely },
  "Express 4 on http2, by http2-express-bridge": { server: "express", rows: EXPRESS, open: Http2Client.openSecurely },
  "Fastify on http2": { server: "fastify", rows: FASTIFY, open: Http2Client.open },
  "connect on http2": { server: "connect", rows: routedAs("/users/*"), open: Http2Client.open },
  "Koa on http2": { server: "koa", rows: routedAs("/users/:id"), open: Http2Client.open },
  "Hono on http2": { server: "hono", rows: routedAs("/users/:id"), open: Http2Client.open },
  "h3 on http2": { server: "h3", rows: routedAs("/users/:id"), open: Http2Client.open },
};

const PSK = Buffer.from("0123456789abcdef");

everywhere("HTTP/2", APP, (app) => {
  for (const [name, { server, rows, open }] of Object.entries(GROUPS)) {
    describe(name, () => {
      for (const { ending, run, ...account } of rows) {
        it(ending, async () => {
          const client = await open(portOf(app(), server));
          try {
            await assertAccount(app(), account, () => run(client, app()));
          } finally {
            client.destroy();
          }
        });
      }
    });
  }

  it("HTTP/1 on the same server", async () => {
    await assertAccount(app(), { counted: { "GET 201 /finished": 1, "GET 204 /no-content": 1 } }, async () => {
      for (const [path, status] of [
        ["/finished", /^HTTP\/1\.1 201 /],
        ["/no-content", /^HTTP\/1\.1 204 /],
      ] as const) {
        const connection = await RawConnection.openTls(portOf(app(), "secure"), PSK);
        connection.send(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
        assert.match(await connection.receivedAll(), status);
      }
    });
  });

  it("HTTP/1 that cannot be parsed on the same server", async () => {
    await assertAccount(app(), { rejected: { "400": 1 } }, async () => {
      const connection = await RawConnection.openTls(portOf(app(), "secure"), PSK);
      connection.send("garbage\r\n\r\n");
      assert.match(await connection.receivedAll(), /^HTTP\/1\.1 400 /);
    });
  });

  it("excluded paths have a count of their own", async () => {
    const client = await Http2Client.open(portOf(app(), "streams"));
    const excluded = async () => total((await app().scrape()).samples, "otel_red_requests_excluded_total");
    const known = await excluded();
    await assertAccount(app(), { counted: { "GET 201 /finished": 1 } }, async () => {
      assert.equal(await client.ask("GET /health"), 200);
      await client.ask("GET /finished");
    });
    assert.equal(await excluded(), known + 1);
    client.destroy();
  });
});
