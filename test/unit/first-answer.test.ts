/** The status line that is written on a socket, however it is written. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { Duplex } from "node:stream";
import * as fc from "fast-check";
import { NOT_HTTP, onceAnswered, statusOfAnswer } from "../../src/instrumentation/http/first-answer.ts";

const fail = (error: unknown) => {
  throw error;
};

describe("statusOfAnswer", () => {
  for (const [bytes, status] of [
    ["HTTP/1.1 101 Switching Protocols\r\n\r\n", 101],
    ["HTTP/1.0 200 OK\r\n", 200],
    ["HTTP/1.1 401", 401],
    ["HTTP/1.1 999 Whatever", 999],
    ["HTTP/1.1 10", undefined],
    ["", undefined],
    ["HTT", undefined],
    ["HTTP/1.1 100 Continue\r\n\r\n", undefined],
    ["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 ", 101],
    ["HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n", undefined],
    ["HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 Forbidden", 403],
    ["HTTP/2.0 200 OK", NOT_HTTP],
    ["HTTP/1.1 abc", NOT_HTTP],
    ["ICY 200 OK", NOT_HTTP],
    ["x", NOT_HTTP],
    ["http/1.1 200", NOT_HTTP],
  ] as const) {
    it(`${JSON.stringify(bytes)}: ${String(status)}`, () => assert.equal(statusOfAnswer(bytes), status));
  }
});

describe("onceAnswered", () => {
  /** Written to, it keeps what it gets. */
  function sink(): { socket: Socket; written: () => string } {
    const chunks: Buffer[] = [];
    class Sink extends Duplex {
      override _read(): void {}
      override _write(chunk: Buffer | string, encoding: BufferEncoding, done: () => void): void {
        chunks.push(typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk);
        done();
      }
    }
    return {
      socket: new Sink({ decodeStrings: false }) as unknown as Socket,
      written: () => Buffer.concat(chunks).toString(),
    };
  }

  it("tells the status once, however the answer is cut, and lets all of it through", () => {
    const answer = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 401 Unauthorized\r\n\r\nHTTP/1.1 500 later";
    fc.assert(
      fc.property(fc.array(fc.nat({ max: answer.length })), fc.boolean(), (cuts, asBytes) => {
        const { socket, written } = sink();
        const told: unknown[] = [];
        onceAnswered(socket, (status) => told.push(status), fail);
        const places = [0, ...cuts.sort((a, b) => a - b), answer.length];
        for (let i = 1; i < places.length; i++) {
          const piece = answer.slice(places[i - 1], places[i]);
          socket.write(asBytes ? Buffer.from(piece) : piece);
        }
        assert.deepEqual(told, [401]);
        assert.equal(written(), answer);
      }),
    );
  });

  it("leaves a real socket as it was: corked, and what is written later", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const client = connect((server.address() as { port: number }).port, "127.0.0.1");
    const [socket] = (await once(server, "connection")) as [Socket];
    try {
      const before = Reflect.ownKeys(socket);
      const told: unknown[] = [];
      onceAnswered(socket, (status) => told.push(status), fail);
      assert.deepEqual(
        Object.keys(socket),
        before.filter((key) => Object.keys(socket).includes(String(key))),
      );
      socket.cork();
      socket.write("HTTP/1.1 1");
      socket.write("01 Switching Protocols\r\n\r\n");
      assert.deepEqual(told, []);
      socket.uncork();
      assert.deepEqual(told, [101]);
      assert.deepEqual(
        Reflect.ownKeys(socket).filter((key) => !before.includes(key)),
        [],
      );
      socket.end("frames");
      let received = "";
      for await (const chunk of client) received += chunk;
      assert.equal(received, "HTTP/1.1 101 Switching Protocols\r\n\r\nframes");
    } finally {
      client.destroy();
      socket.destroy();
      server.close();
    }
  });

  it("gives back a method that the application has put there itself", () => {
    const { socket } = sink();
    const written: unknown[] = [];
    const own = (chunk: unknown, _encoding: unknown, done: () => void) => {
      written.push(chunk);
      done();
    };
    Object.assign(socket, { _write: own });
    onceAnswered(socket, () => {}, fail);
    socket.write("HTTP/1.1 101 ");
    assert.equal((socket as unknown as { _write: unknown })._write, own);
    assert.deepEqual(written, ["HTTP/1.1 101 "]);
  });

  it("leaves alone what somebody has wrapped meanwhile, and is silent below it", () => {
    const { socket, written } = sink();
    const told: unknown[] = [];
    onceAnswered(socket, (status) => told.push(status), fail);
    const writable = socket as unknown as { _write(...args: unknown[]): void };
    const below = writable._write;
    const wrapper = function (this: unknown, ...args: unknown[]) {
      below.apply(this, args);
    };
    writable._write = wrapper;
    socket.write("HTTP/1.1 101 ");
    socket.write("HTTP/1.1 500 ");
    assert.equal(writable._write, wrapper);
    assert.deepEqual([told, written()], [[101], "HTTP/1.1 101 HTTP/1.1 500 "]);
  });

  it("hands over an exception, and what was written goes through", () => {
    const { socket, written } = sink();
    const failures: unknown[] = [];
    const failure = new Error("expected by the test");
    onceAnswered(
      socket,
      () => {
        throw failure;
      },
      (error) => failures.push(error),
    );
    socket.write("HTTP/1.1 101 ");
    socket.write("more");
    assert.deepEqual([failures, written()], [[failure], "HTTP/1.1 101 more"]);
  });
});
