/** Which rejected requests are counted, by fakes of what Node leaves on a connection. */
import assert from "node:assert/strict";
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { Connection, setConnection } from "../../src/instrumentation/http/connection.ts";
import { ParserErrors } from "../../src/instrumentation/http/parser-errors.ts";
import { serverSeen } from "../../src/instrumentation/http/server-seen.ts";
import { Changes } from "../../src/view/changes.ts";
import { ParserErrorCounts } from "../../src/view/parser-errors.ts";
import { redLabels } from "../../src/view/red.ts";
import { exchange, fakeServer, fakeSocket } from "../support/books/published.ts";

const error = (code: string) => Object.assign(new Error("expected by the test"), { code });

class Observed {
  readonly failures: unknown[] = [];
  readonly counts = new ParserErrorCounts(redLabels("shop", "path"), new Changes());
  readonly errors = new ParserErrors(this.counts, (failure) => this.failures.push(failure));
  readonly server: Server = fakeServer();
  readonly socket = Object.assign(fakeSocket(), { writable: true });
  readonly connection = new Connection(this.socket, serverSeen(this.server));

  constructor() {
    setConnection(this.socket, this.connection);
  }

  /** What the application is told by an event, if it listens. */
  tell(code: string, socket: Socket = this.socket): void {
    this.errors.listeners.get("clientError")?.call(this.server, error(code), socket);
  }

  /** The connection closes with this error, and so many bytes handed over. */
  close(code: string, bytes: number): void {
    this.socket.errored = error(code);
    this.socket._bytesDispatched = bytes;
    this.errors.onIdleClose(this.connection);
  }

  statuses(): unknown[] {
    return this.counts.snapshot().map(({ attributes, count }) => [attributes.status_code, count]);
  }
}

describe("ParserErrors", () => {
  let observed: Observed;
  beforeEach(() => {
    observed = new Observed();
  });

  for (const [code, status] of [
    ["HPE_INVALID_METHOD", "400"],
    ["HPE_INVALID_EOF_STATE", "400"],
    ["HPE_HEADER_OVERFLOW", "431"],
    ["HPE_CHUNK_EXTENSIONS_OVERFLOW", "413"],
    ["ERR_HTTP_REQUEST_TIMEOUT", "408"],
    ["ECONNRESET", undefined],
    ["ERR_SSL_WRONG_VERSION_NUMBER", undefined],
  ] as const) {
    const counted = status === undefined ? [] : [[status, 1]];
    it(`${code}, answered by Node: ${status ?? "none of the parser's"}`, () => {
      observed.close(code, 47);
      assert.deepEqual(observed.statuses(), counted);
    });
    it(`${code}, told to the application: ${status ?? "none of the parser's"}`, () => {
      observed.tell(code);
      assert.deepEqual(observed.statuses(), counted);
    });
  }

  it("once, where the application is told and closes with the same error", () => {
    observed.tell("HPE_INVALID_METHOD");
    observed.close("HPE_INVALID_METHOD", 47);
    assert.deepEqual(observed.statuses(), [["400", 1]]);
  });
  it("not where Node has not answered: nobody was there any more", () => {
    observed.close("HPE_INVALID_METHOD", 0);
    assert.deepEqual(observed.statuses(), []);
  });
  it("not where the application can answer no more", () => {
    observed.socket.writable = false;
    observed.tell("HPE_INVALID_METHOD");
    assert.deepEqual(observed.statuses(), []);
  });
  it("not where it is the body of a request in flight", () => {
    const { request, response } = exchange({ socket: observed.socket });
    observed.connection.begin(request, response, 0, 0);
    observed.tell("HPE_INVALID_CHUNK_SIZE");
    assert.deepEqual(observed.statuses(), []);
  });
  it("a socket that we do not know: the application emits the event itself", () => {
    observed.tell("HPE_INVALID_METHOD", { writable: true } as Socket);
    assert.deepEqual(observed.statuses(), [["400", 1]]);
  });
  it("an exception out of our own code is handed over", () => {
    const failure = new Error("injected by the test");
    const socket = Object.defineProperty({}, "writable", {
      get() {
        throw failure;
      },
    });
    observed.tell("HPE_INVALID_METHOD", socket as Socket);
    assert.deepEqual(observed.failures, [failure]);
  });
});

describe("ParserErrorCounts", () => {
  it("have the status and the service as labels, always in the same object", () => {
    const { counts } = new Observed();
    counts.add(431);
    const [first] = counts.snapshot();
    counts.add(400);
    counts.add(431);
    const [again, second] = counts.snapshot();
    assert.deepEqual([first?.attributes, first?.count], [{ status_code: "431", service: "shop" }, 1]);
    assert.deepEqual([again?.count, second?.attributes.status_code], [2, "400"]);
    assert.equal(again?.attributes, first?.attributes);
  });
});
