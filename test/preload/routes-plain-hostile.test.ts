/**
 * Whatever a client sends to a plain server, on node:http and node:https, is counted once, under bounded labels; or not at
 * all, where Node's parser refuses it and no request comes to be.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type App, INSTRUMENTATIONS, startApp } from "../support/app.ts";
import { total } from "../support/exposition.ts";
import { RawConnection, statuses } from "../support/raw-http.ts";
import { assertFamiliesAgree, countedSince, portOf } from "../support/route-table.ts";
import { sharedApp } from "../support/shared-app.ts";

const APP = fileURLToPath(new URL("../apps/routes-plain/app.cjs", import.meta.url));

type RawRow = readonly [
  shape: string,
  /** What is sent, byte for byte. */
  bytes: string,
  /** The statuses that come back until the server closes the connection, as every row makes it do. */
  answered: readonly number[],
  counted: Readonly<Record<string, number>>,
  /** One that is set up for this. Default: both the plain and the TLS one. */
  server?: string,
];

const HOST = "Host: shop.example\r\n";
const LAST = `${HOST}Connection: close\r\n\r\n`;
const NEXT = `${HOST}\r\n`;
const A_LOT = "a".repeat(15_000);

// biome-ignore format: a table, one row a line
const ROWS: readonly RawRow[] = [
  // https://nodejs.org/api/http.html#httpmaxheadersize: 16 KiB for the request line and the headers, or 431
  ["a segment of 15 kB", `GET /${A_LOT} HTTP/1.1\r\n${LAST}`, [200], { "GET 200 /:id": 1 }],
  ["a query of 15 kB", `GET /search?q=${A_LOT} HTTP/1.1\r\n${LAST}`, [200], { "GET 200 /search": 1 }],
  ["5,000 segments", `GET ${"/ab".repeat(5000)} HTTP/1.1\r\n${LAST}`, [200], { [`GET 200 ${"/ab".repeat(12)}/*`]: 1 }],
  ["a URL of 30 kB", `GET /${A_LOT}${A_LOT} HTTP/1.1\r\n${LAST}`, [431], {}],
  ["a header of 30 kB", `GET /flood HTTP/1.1\r\nCookie: ${A_LOT}${A_LOT}\r\n${LAST}`, [431], {}],
  ["10,000 headers", `GET /flood HTTP/1.1\r\n${"a:b\r\n".repeat(10_000)}${LAST}`, [431], {}],
  ["500 headers", `GET /headers HTTP/1.1\r\n${"a:b\r\n".repeat(500)}${LAST}`, [200], { "GET 200 /headers": 1 }],

  ["invalid percent-encoding", `GET /%zz/100% HTTP/1.1\r\n${LAST}`, [200], { "GET 200 /%zz/:id": 1 }],
  ["percent-encoding that is no UTF-8", `GET /%E0%A4/%FF HTTP/1.1\r\n${LAST}`, [200], { "GET 200 /:id/:id": 1 }],
  ["an encoded null byte", `GET /a%00b HTTP/1.1\r\n${LAST}`, [200], { "GET 200 /:id": 1 }],
  ["an encoded line feed", `GET /a%0Ab%0d HTTP/1.1\r\n${LAST}`, [200], { "GET 200 /:id": 1 }],
  ["encoded slashes", `GET /..%2f..%2fetc HTTP/1.1\r\n${LAST}`, [200], { "GET 200 /:id": 1 }],
  ["a quote, for the exposition to escape", `GET /a"b HTTP/1.1\r\n${LAST}`, [200], { 'GET 200 /a"b': 1 }],
  ["a backslash", `GET /a\\n HTTP/1.1\r\n${LAST}`, [200], { "GET 200 /:id": 1 }],
  ["what looks like labels", `GET /a",b="c"}1 HTTP/1.1\r\n${LAST}`, [200], { "GET 200 /:id": 1 }],
  ["a target that is no path", `GET *users HTTP/1.1\r\n${LAST}`, [200], { "GET 200 /*": 1 }],
  ["an authority with a password", `GET http://me:pw@a/b HTTP/1.1\r\n${LAST}`, [200], { "GET 200 /b": 1 }],
  ["two slashes", `GET //evil.example/a HTTP/1.1\r\n${LAST}`, [200], { "GET 200 /evil.example/a": 1 }],

  // https://nodejs.org/api/http.html#httpmethods: what the parser knows, it lets pass
  ["M-SEARCH", `M-SEARCH * HTTP/1.1\r\n${LAST}`, [200], { "_OTHER 200 *": 1 }],
  ["PROPFIND", `PROPFIND /dav/42 HTTP/1.1\r\n${LAST}`, [200], { "_OTHER 200 /dav/:id": 1 }],
  ["a method that is none", `GRAB /users/42 HTTP/1.1\r\n${LAST}`, [400], {}],
  ["a method in lower case", `get /users/42 HTTP/1.1\r\n${LAST}`, [400], {}],
  // https://nodejs.org/api/http.html#event-connect and #event-upgrade_1: without a listener
  ["CONNECT", `CONNECT db.example:5432 HTTP/1.1\r\n${LAST}`, [], {}],
  ["an upgrade", `GET /ws/1 HTTP/1.1\r\nUpgrade: websocket\r\n${LAST}`, [200], { "GET 200 /ws/:id": 1 }],

  // https://nodejs.org/api/http.html#event-clienterror
  ["a null byte in the URL", `GET /a\0b HTTP/1.1\r\n${LAST}`, [400], {}],
  ["a null byte in a header", `GET /a HTTP/1.1\r\nCookie: a\0b\r\n${LAST}`, [400], {}],
  ["bytes that are no UTF-8", `GET /caf\xe9/\xff\xfe HTTP/1.1\r\n${LAST}`, [400], {}],
  ["a length and chunks", `POST /a HTTP/1.1\r\n${HOST}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, [400], {}],
  ["no HTTP at all", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", [400], {}],
  // here the parser refuses the body of a request that has come to be
  ["chunks that are none", `POST /upload/1 HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, [400], { "POST 400 /upload/:id": 1 }],
  // the second response waits for the first one to be sent, and by then the connection is gone
  ["a pipeline that breaks", `GET /a/1 HTTP/1.1\r\n${NEXT}GET /b HTTP/1.1\r\n${NEXT}GET /\0 HTTP/1.1\r\n${LAST}`, [200], { "GET 200 /a/:id": 1, "GET 499 /b": 1 }],

  // https://nodejs.org/api/http.html#httpcreateserveroptions-requestlistener: requireHostHeader, insecureHTTPParser
  ["no Host", "GET /users/42 HTTP/1.1\r\n\r\n", [400], { "GET 400 /users/:id": 1 }],
  ["no Host, where none is required", "GET /users/42 HTTP/1.1\r\nConnection: close\r\n\r\n", [200], { "GET 200 /users/:id": 1 }, "hostless"],
  ["HTTP/1.0", "GET /users/42 HTTP/1.0\r\n\r\n", [200], { "GET 200 /users/:id": 1 }],
  ["an odd header, where the parser is lenient", `GET /users/42 HTTP/1.1\r\nCookie: \x01\xff\r\n${LAST}`, [200], { "GET 200 /users/:id": 1 }, "lenient"],

  // https://nodejs.org/api/http.html#event-checkcontinue and #event-checkexpectation
  ["an expectation", `GET /users/42 HTTP/1.1\r\nExpect: something\r\n${LAST}`, [417], { "GET 417 /users/:id": 1 }],
  ["an expectation that the application checks", `GET /users/42 HTTP/1.1\r\nExpect: something\r\n${LAST}`, [202], { "GET 202 /users/:id": 1 }, "continuing"],
  ["100-continue", `POST /upload/1 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n${LAST}ab`, [100, 200], { "POST 200 /upload/:id": 1 }],
  ["100-continue that the application checks", `POST /upload/1 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n${LAST}ab`, [100, 200], { "POST 200 /upload/:id": 1 }, "continuing"],
  ["100-continue that the application refuses", `POST /refused/1 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n${LAST}`, [413], { "POST 413 /refused/:id": 1 }, "continuing"],

  // https://nodejs.org/api/http.html#servermaxrequestspersocket
  ["one request more than a connection may have", `GET /a/1 HTTP/1.1\r\n${NEXT}GET /a/2 HTTP/1.1\r\n${NEXT}GET /a/3 HTTP/1.1\r\n${LAST}`, [200, 200, 503], { "GET 200 /a/:id": 2, "GET 503 /a/:id": 1 }, "few"],
];

/** The key that the TLS server of the application knows as well. */
const PSK = Buffer.from("0123456789abcdef");

/** Sends it on a connection of its own, and resolves with the statuses that come back until the server closes it. */
async function exchange(app: App, bytes: string, server: string | undefined): Promise<number[]> {
  const port = portOf(app, server);
  const connection = server === "tls" ? await RawConnection.openTls(port, PSK) : await RawConnection.open(port);
  connection.send(bytes);
  return statuses(await connection.receivedAll());
}

/** A request that is known to be counted comes last, and shows where nothing was counted of the ones before. */
async function assertRow(app: App, [, bytes, answered, counted, onServer]: RawRow, server = onServer): Promise<void> {
  const before = await app.scrape();
  const answers = await exchange(app, bytes, server);
  assert.equal((await fetch(`${app.url}/afterwards`)).status, 200);

  const expected = { ...counted, "GET 200 /afterwards": 1 };
  const requests = Object.values(expected).reduce((sum, count) => sum + count);
  const known = total(before.samples, "http_requests_total");
  const after = await app.scrapeUntil("as many as expected are counted", ({ samples }) => {
    return total(samples, "http_requests_total") >= known + requests;
  });
  assert.deepEqual({ answers, counted: countedSince(before, after) }, { answers: answered, counted: expected });
}

for (const instrumentation of INSTRUMENTATIONS) {
  describe(`hostile requests, ${instrumentation}`, () => {
    const env = { RED_HTTP_INSTRUMENTATION: instrumentation };
    const app = sharedApp({ start: () => startApp({ args: [APP], env }) });

    for (const row of ROWS) {
      const [shape, , answered, , server] = row;
      const title = `${shape}: ${answered.join(", ") || "no answer"}`;
      it(title, () => assertRow(app(), row));
      if (server === undefined) it(`${title}, under TLS`, () => assertRow(app(), row, "tls"));
    }

    it("leave nothing behind", async () => {
      const { samples } = await app().scrape();
      assertFamiliesAgree(samples);
      assert.equal(app().stderr(), `otel-red: metrics are served on ${app().metricsUrl}\n`);
    });
  });
}
