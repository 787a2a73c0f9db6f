/** Which errors are the server's, and which a client could bring about. */
import assert from "node:assert/strict";
import type { Connection } from "../../src/instrumentation/http/connection.ts";
import { isGivenUp, isServersFault } from "../../src/instrumentation/http/given-up.ts";
import { RequestInFlight } from "../../src/instrumentation/http/request-in-flight.ts";

const failed = (fields: Record<string, unknown>) => Object.assign(new Error("expected by the test"), fields);

describe("an error with which a request was given up", () => {
  for (const [what, error, isReceived, expected] of [
    ["none", undefined, true, false],
    ["none, as Node has it", null, true, false],
    ["the application's own", failed({}), true, true],
    ["no Error at all", "enough", true, true],
    ["the application's own, in mid-upload", failed({}), false, false],
    ["a full disk, in mid-upload", failed({ code: "ENOSPC", syscall: "write" }), false, true],
    ["an upstream that refuses", failed({ code: "ECONNREFUSED", syscall: "connect" }), true, true],
    ["an upstream that does not answer", failed({ code: "ETIMEDOUT", syscall: "connect" }), false, true],
    ["an upstream that nobody knows", failed({ code: "ENOTFOUND", syscall: "getaddrinfo" }), true, true],
    ["a status of the server's", failed({ status: 500 }), true, true],
    ["a code that is a number", failed({ code: 23 }), true, true],
    ...["ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOENT", "Z_DATA_ERROR", "ABORT_ERR"].map(
      (code) => [code, failed({ code }), true, false] as const,
    ),
    ...["HPE_INVALID_METHOD", "ERR_HTTP_REQUEST_TIMEOUT", "ERR_HTTP2_STREAM_ERROR", "ERR_SSL_BAD_RECORD"].map(
      (code) => [code, failed({ code }), true, false] as const,
    ),
    ["a status of the client's", failed({ status: 413 }), true, false],
    ["a statusCode of the client's", failed({ statusCode: 400 }), true, false],
  ] as const) {
    it(`${what}: ${expected ? "the server's" : "not the server's"}`, () => {
      assert.equal(isServersFault(error, isReceived), expected);
    });
  }
});

describe("a request without an answer, on a connection that has closed", () => {
  const response = {};
  const timedOut = { timedOutAtMs: 20 };
  const own = { socket: { errored: failed({}) } };
  const cases: readonly (readonly [string, Record<string, unknown>, Record<string, unknown>, boolean])[] = [
    ["Node's timeout fired", timedOut, {}, true],
    ["Node's timeout fired for one before it", timedOut, { startedAtMs: 30 }, false],
    ["Node's timeout fired, in mid-upload", timedOut, { request: { complete: false } }, false],
    ["no timeout, no error", {}, {}, false],
    ["an error", own, {}, true],
    ["an error, and the client had left", { socket: { ...own.socket, readableEnded: true } }, {}, false],
    ["an error, and another's turn", { socket: { ...own.socket, _httpMessage: {} } }, {}, false],
    ["an error, and its turn", { socket: { ...own.socket, _httpMessage: response } }, {}, true],
    ["an error, behind garbage", { ...own, isExcused: true }, {}, false],
    ["an error at shutdown", { ...own, server: { isListening: false } }, {}, false],
  ];
  for (const [what, connection, request, expected] of cases) {
    it(`${what}: ${expected ? "given up" : "not"}`, () => {
      const closed = {
        server: { isListening: true },
        socket: { errored: null, readableEnded: false },
        timedOutAtMs: Number.NEGATIVE_INFINITY,
        isExcused: false,
        ...connection,
      };
      const ended = Object.assign(new RequestInFlight(), {
        request: { complete: true },
        response,
        startedAtMs: 10,
        ...request,
      });
      assert.equal(isGivenUp(closed as unknown as Connection, ended), expected);
    });
  }
});
