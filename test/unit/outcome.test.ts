/** The status under which a request is counted, from what Node keeps about its response and its connection. */
import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import {
  abortedStatus,
  answerOfNode,
  bytesHandedOver,
  isCutOff,
  isHandedOver,
  sentStatus,
} from "../../src/instrumentation/http/outcome.ts";

const HEAD = "HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n";
const MUCH = 1_000_000;

interface Head {
  readonly head?: string | null;
  /** Passed to the socket, or to the memory of a destroyed one. */
  readonly written?: boolean;
  readonly statusCode?: number;
  /** False for a response that waits in a pipeline, or whose turn is over. */
  readonly hasSocket?: boolean;
}

function response({ head = null, written = false, statusCode = 200, hasSocket = true }: Head): ServerResponse {
  return {
    _header: head,
    _headerSent: written,
    statusCode,
    socket: hasSocket ? {} : null,
  } as unknown as ServerResponse;
}

interface Connection {
  readonly bytes?: number;
  readonly errored?: Record<string, string> | null;
  readonly destroyed?: boolean;
  readonly needDrain?: boolean;
}

function socket({ bytes = 0, errored = null, destroyed = true, needDrain = false }: Connection): Socket {
  const _writableState = { errored, destroyed, needDrain };
  return { _bytesDispatched: bytes, errored, destroyed, _writableState } as unknown as Socket;
}

describe("the status as sent", () => {
  for (const [what, head, statusCode, expected] of [
    ["as written in the head", HEAD, 201, 201],
    ["not what was assigned afterwards", HEAD, 500, 201],
    ["the lowest", "HTTP/1.1 100 Continue\r\n\r\n", 100, 100],
    ["the highest", "HTTP/1.1 999 unknown\r\n\r\n", 999, 999],
    ["without a reason", "HTTP/1.1 204 \r\n\r\n", 204, 204],
    ["no head, as where the application has replaced writeHead", null, 204, 204],
    ["a head that is none", "HTTP", 204, 204],
    ["a head without a status", "HTTP/1.1 OK, no number\r\n\r\n", 204, 204],
    ["a head with less than a status", "HTTP/1.1 09", 204, 204],
    ["a status out of range", "HTTP/1.1 099 what\r\n\r\n", 204, 204],
  ] as const) {
    it(`${what}: ${expected}`, () => {
      assert.equal(sentStatus(response({ head, statusCode })), expected);
    });
  }
});

describe("the status of a request whose connection has gone", () => {
  const sent = { head: HEAD, written: true };
  for (const [what, given, bytes, before, expected] of [
    ["no head", {}, MUCH, 0, 499],
    ["a head that was not sent", { head: HEAD }, MUCH, 0, 499],
    ["a head on the wire", sent, MUCH, 0, 201],
    ["the head and nothing else", sent, HEAD.length, 0, 201],
    ["a head that was written when the connection was destroyed", sent, 0, 0, 499],
    ["the same after other answers on the connection", sent, MUCH, MUCH, 499],
    ["after other answers on the connection", sent, MUCH + HEAD.length, MUCH, 201],
    ["less than the head: informational responses", sent, MUCH + HEAD.length - 1, MUCH, 499],
    ["a response that waits for its turn", { ...sent, hasSocket: false }, MUCH, 0, 499],
    ["a stream that does not count its bytes", sent, undefined, Number.NaN, 201],
    ["the status changed after the head", { ...sent, statusCode: 500 }, MUCH, 0, 201],
  ] as const) {
    it(`${what}: ${expected}`, () => {
      const connection = bytes === undefined ? ({} as Socket) : socket({ bytes });
      assert.equal(abortedStatus(response(given), connection, before), expected);
    });
  }
});

describe("a response that was not ended, and the client has it all", () => {
  const headOf = (lines: string) => `HTTP/1.1 200 OK\r\n${lines}\r\n\r\n`;
  const declared = headOf("Content-Length: 5");
  const all = declared.length + 5;
  for (const [what, given, connection, expected] of [
    ["all of Content-Length", { head: declared }, { bytes: all }, true],
    ["whatever the case", { head: headOf("content-length: 5") }, { bytes: all }, true],
    ["a byte is missing", { head: declared }, { bytes: all - 1 }, false],
    ["a byte too many: informational responses", { head: declared }, { bytes: all + 1 }, false],
    ["after 100 Continue", { head: declared, _sent100: true }, { bytes: all + 25 }, true],
    ["after 100 Continue, a byte is missing", { head: declared, _sent100: true }, { bytes: all + 24 }, false],
    ["in chunks", { head: declared, chunkedEncoding: true }, { bytes: all }, false],
    ["no Content-Length", { head: headOf("x-content-length: 5") }, { bytes: all + 2 }, false],
    ["a head that is all", { head: declared, _hasBody: false }, { bytes: declared.length }, true],
    ["a head that was not sent", { head: declared, written: false }, { bytes: all }, false],
    ["a response that waits for its turn", { head: declared, hasSocket: false }, { bytes: all }, false],
    ["the system had not taken all", { head: declared }, { bytes: all, needDrain: true }, false],
    ["the system failed to", { head: declared }, { bytes: all, errored: { syscall: "write" } }, false],
    ["and the client has reset the connection", { head: declared }, { bytes: all, errored: { syscall: "read" } }, true],
  ] as const) {
    it(`${what}: ${expected}`, () => {
      const { _sent100, _hasBody, chunkedEncoding = false, ...head }: Head & Record<string, unknown> = given;
      const cut = Object.assign(response({ written: true, ...head }), { _sent100, _hasBody, chunkedEncoding });
      assert.equal(isHandedOver(cut, socket({ ...connection, bytes: connection.bytes + MUCH }), MUCH), expected);
    });
  }
  it("over a stream that does not count its bytes: unknown", () => {
    assert.equal(isHandedOver(response({ head: declared, written: true }), {} as Socket, Number.NaN), false);
  });
});

describe("the answer that Node itself gave", () => {
  for (const [code, expected] of [
    ["ERR_HTTP_REQUEST_TIMEOUT", 408],
    ["HPE_HEADER_OVERFLOW", 431],
    ["HPE_CHUNK_EXTENSIONS_OVERFLOW", 413],
    ["HPE_INVALID_CHUNK_SIZE", 400],
    ["HPE_INVALID_EOF_STATE", undefined],
    ["ECONNRESET", undefined],
  ] as const) {
    it(`${code}: ${expected}`, () => {
      const gone = socket({ bytes: 40, errored: { code } });
      assert.equal(answerOfNode(response({}), gone, 0), expected);
    });
  }

  const timedOut = { errored: { code: "ERR_HTTP_REQUEST_TIMEOUT" } };
  it("none where the connection was closed without an error", () => {
    assert.equal(answerOfNode(response({}), socket({ bytes: 40 }), 0), undefined);
    assert.equal(answerOfNode(response({}), socket({ bytes: 40, errored: {} }), 0), undefined);
  });
  it("none where the application's clientError listener wrote nothing", () => {
    assert.equal(answerOfNode(response({}), socket({ bytes: 40, ...timedOut }), 40), undefined);
  });
  it("none where the handler had begun to answer", () => {
    assert.equal(
      answerOfNode(response({ head: HEAD, written: true }), socket({ bytes: 40, ...timedOut }), 0),
      undefined,
    );
  });
  it("none for a response that waits for its turn", () => {
    assert.equal(answerOfNode(response({ hasSocket: false }), socket({ bytes: 40, ...timedOut }), 0), undefined);
  });
});

describe("a response that has finished, they say", () => {
  for (const [what, connection, expected] of [
    ["and the connection is there", { destroyed: false }, false],
    ["with more to come behind it", { destroyed: false, needDrain: true }, false],
    ["and the connection was destroyed when all was handed over", { destroyed: true }, false],
    ["and the connection was destroyed under it", { destroyed: true, needDrain: true }, true],
    ["and the system could not write", { destroyed: false, errored: { code: "EPIPE", syscall: "write" } }, true],
    ["and the client has reset the connection", { errored: { code: "ECONNRESET", syscall: "read" } }, true],
    [
      "and the application destroyed the connection with an error of its own",
      { errored: { message: "enough" } },
      false,
    ],
  ] as const) {
    it(`${what}: ${expected ? "cut off" : "sent"}`, () => {
      assert.equal(isCutOff(socket(connection)), expected);
    });
  }
  it("over a stream of the application's own: sent", () => {
    assert.equal(isCutOff({} as Socket), false);
  });
});

describe("bytes handed over", () => {
  it("by a stream that does not count them: unknown", () => {
    assert.equal(bytesHandedOver({} as Socket), Number.NaN);
    assert.equal(bytesHandedOver(socket({ bytes: 7 })), 7);
  });
});
