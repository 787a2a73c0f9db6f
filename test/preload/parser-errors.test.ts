/**
 * Requests that Node's parser rejects: `http_parser_errors_total` by the status that Node answers, or would; a rejected
 * body is its request's ending. What the client gets is what it gets without us.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type App, REPOSITORY, startApp } from "../support/app.ts";
import { type Account, assertAccount } from "../support/books/account.ts";
import { Wire } from "../support/books/wire.ts";
import { everywhere } from "../support/everywhere.ts";
import { total } from "../support/exposition.ts";
import { exchange, RawConnection } from "../support/raw-http.ts";
import { portOf } from "../support/route-table.ts";
import { sharedApp } from "../support/shared-app.ts";

const APP = join(REPOSITORY, "test/apps/protocols/parser-errors.mjs");
const NOTHING = join(REPOSITORY, "test/apps/harm/nothing.cjs");
const PSK = Buffer.from("0123456789abcdef");

const HOST = "host: localhost\r\n";
const TOO_LONG = "x".repeat(20_000);
const CHUNKED = `transfer-encoding: chunked\r\n${HOST}\r\n`;

/** What is sent to a server on a connection that it closes. */
interface Bytes extends Account {
  readonly what: string;
  readonly server?: string;
  readonly bytes: string;
  /** The status of the last answer, where there is one. */
  readonly status?: number;
}

const REJECTED_HEADS: readonly Bytes[] = [
  { what: "no HTTP", bytes: "garbage\r\n\r\n", status: 400 },
  { what: "another protocol", bytes: "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", status: 400 },
  { what: "an unknown method", bytes: `BREW / HTTP/1.1\r\n${HOST}\r\n`, status: 400 },
  { what: "an unknown version", bytes: `GET / HTTP/9.9\r\n${HOST}\r\n`, status: 400 },
  { what: "a target with a blank", bytes: `GET /a b HTTP/1.1\r\n${HOST}\r\n`, status: 400 },
  { what: "a header without a colon", bytes: `GET / HTTP/1.1\r\n${HOST}no colon\r\n\r\n`, status: 400 },
  { what: "a length that is none", bytes: `POST / HTTP/1.1\r\n${HOST}content-length: many\r\n\r\n`, status: 400 },
  { what: "two lengths", bytes: `POST / HTTP/1.1\r\ncontent-length: 1\r\n${CHUNKED}`, status: 400 },
  { what: "a head that is too large", bytes: `GET / HTTP/1.1\r\n${HOST}x: ${TOO_LONG}\r\n\r\n`, status: 431 },
  { what: "a target that is too long", bytes: `GET /${TOO_LONG} HTTP/1.1\r\n${HOST}\r\n`, status: 431 },
  { what: "a head that takes too long", server: "impatient", bytes: "GET / HTTP/1.1\r\n", status: 408 },
  { what: "the application answers as it likes", server: "teapot", bytes: "garbage\r\n\r\n", status: 418 },
  { what: "the application answers, and destroys", server: "thorough", bytes: "garbage\r\n\r\n", status: 400 },
  { what: "the application does not answer", server: "mute", bytes: "garbage\r\n\r\n" },
  { what: "Fastify answers", server: "fastify", bytes: `GET / HTTP/1.1\r\nx: ${TOO_LONG}\r\n\r\n`, status: 431 },
].map((row) => {
  const byNode = row.server === "teapot" || row.status === undefined ? 400 : row.status;
  return { ...row, rejected: { [byNode]: 1 } };
});

const ANSWERED: readonly Bytes[] = [
  ...REJECTED_HEADS,
  {
    what: "a body that cannot be parsed, of a request that waits: its ending",
    bytes: `POST /silent HTTP/1.1\r\n${CHUNKED}no length\r\n`,
    counted: { "POST 400 /silent": 1 },
    status: 400,
  },
  {
    what: "chunk extensions that are too long, of a request that waits: its ending",
    bytes: `POST /silent HTTP/1.1\r\n${CHUNKED}1;${TOO_LONG}\r\nx\r\n`,
    counted: { "POST 413 /silent": 1 },
    status: 413,
  },
  {
    what: "the same where the application answers: not sent by the response, so nobody was left to answer",
    server: "mute",
    bytes: `POST /silent HTTP/1.1\r\n${CHUNKED}no length\r\n`,
    counted: { "POST 499 /silent": 1 },
    aborted: { "POST /silent": 1 },
  },
  {
    what: "no Host header: a request that Node answers",
    bytes: "GET /a HTTP/1.1\r\nconnection: close\r\n\r\n",
    counted: { "GET 400 /a": 1 },
    status: 400,
  },
];

interface Row extends Account {
  readonly what: string;
  run(app: App): Promise<unknown>;
}

const ROWS: readonly Row[] = [
  ...ANSWERED.map(({ what, server = "plain", bytes, status, ...account }) => ({
    what,
    ...account,
    run: async (app: App) => {
      const received = await exchange(portOf(app, server), bytes);
      const [last] = [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].reverse();
      assert.equal(last && Number(last[1]), status);
    },
  })),
  {
    what: "a connection on which nothing ever comes",
    run: async (app) => assert.match(await exchange(portOf(app, "impatient"), ""), /^HTTP\/1\.1 408 /),
    rejected: { "408": 1 },
  },
  {
    what: "chunk extensions that are too long, of a request that was answered",
    run: async (app) => {
      const connection = await RawConnection.open(portOf(app, "plain"));
      connection.send(`POST /hasty HTTP/1.1\r\n${CHUNKED}1\r\nx\r\n`);
      await connection.received(/answered \/hasty/);
      await app.scrapeUntil("it is counted", ({ samples }) => {
        return total(samples, "http_requests_total", { path: "/hasty" }) > 0;
      });
      connection.send(`1;${TOO_LONG}\r\nx\r\n`);
      assert.match(await connection.receivedAll(), /HTTP\/1\.1 413 /);
    },
    counted: { "POST 200 /hasty": 1 },
    rejected: { "413": 1 },
  },
  {
    what: "garbage behind a request that was answered",
    run: async (app) => {
      const connection = await RawConnection.open(portOf(app, "plain"));
      connection.send(`GET /a HTTP/1.1\r\n${HOST}\r\n`);
      await connection.received(/answered \/a/);
      connection.send("garbage\r\n\r\n");
      assert.match(await connection.receivedAll(), /HTTP\/1\.1 400 /);
    },
    counted: { "GET 200 /a": 1 },
    rejected: { "400": 1 },
  },
  {
    what: "garbage over TLS",
    run: async (app) => {
      const connection = await RawConnection.openTls(portOf(app, "secure"), PSK);
      connection.send("garbage\r\n\r\n");
      assert.match(await connection.receivedAll(), /^HTTP\/1\.1 400 /);
    },
    rejected: { "400": 1 },
  },
  {
    what: "garbage instead of TLS: the parser never sees it",
    run: (app) => exchange(portOf(app, "secure"), "garbage\r\n\r\n"),
  },
  {
    what: "the client says in mid-head that no more will come",
    run: async (app) => {
      const wire = await Wire.open(portOf(app, "plain"));
      await wire.send("GET / HTTP/1.1\r\nhost: loc");
      wire.endInput();
      await wire.closed;
    },
    rejected: { "400": 1 },
  },
  {
    what: "a client that connects and leaves, or resets: no request",
    run: async (app) => {
      await (await Wire.open(portOf(app, "plain"))).leave();
      const wire = await Wire.open(portOf(app, "plain"));
      await wire.send("GET / HTTP/1.1\r\nhost: loc");
      await wire.reset();
    },
  },
  {
    what: "garbage at our own endpoint",
    run: (app) => exchange(Number(new URL(app.metricsUrl).port), "garbage\r\n\r\n"),
  },
];

everywhere("rejected requests", APP, (app) => {
  for (const { what, run, ...account } of ROWS) it(what, () => assertAccount(app(), account, () => run(app())));
});

describe("rejected requests get the same answers without us", () => {
  const bare = { args: [APP], flags: ["--require", NOTHING], expectsMetrics: false };
  const without = sharedApp({ start: () => startApp(bare) });
  const under = sharedApp({ start: () => startApp({ args: [APP] }) });

  const comparable = (received: string) => received.replaceAll(/^date: .*$/gim, "date: now");
  for (const { what, server = "plain", bytes } of ANSWERED) {
    it(what, async () => {
      const [expected, received] = await Promise.all(
        [without, under].map(async (app) => comparable(await exchange(portOf(app(), server), bytes))),
      );
      assert.equal(received, expected);
    });
  }
});
