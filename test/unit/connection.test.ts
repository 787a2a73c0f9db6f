/** The requests of one connection, and the servers that are known. */
import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import fc from "fast-check";
import { Connection, connectionOf, inFlightOf, setConnection } from "../../src/instrumentation/http/connection.ts";
import type { RequestInFlight } from "../../src/instrumentation/http/request-in-flight.ts";
import { markOwnServer, serverSeen } from "../../src/instrumentation/http/server-seen.ts";
import { fakeServer, fakeSocket } from "../support/books/published.ts";

const response = {} as ServerResponse;

function connect(): Connection {
  const socket = fakeSocket();
  const connection = new Connection(socket, serverSeen(fakeServer()));
  setConnection(socket, connection);
  return connection;
}

function request(connection: Connection, url = "/"): IncomingMessage {
  return { url, socket: connection.socket } as IncomingMessage;
}

describe("Connection", () => {
  it("keeps any sequence of starts and endings: each is found until it ends", () => {
    // a number ends the request at that position, `start` begins another
    const steps = fc.array(fc.oneof(fc.constant("start" as const), fc.nat(5)), { maxLength: 60, size: "max" });
    fc.assert(
      fc.property(steps, (sequence) => {
        const connection = connect();
        const model: IncomingMessage[] = [];
        for (const step of sequence) {
          if (step === "start") {
            const started = request(connection);
            model.push(started);
            connection.begin(started, response, 0, 0);
          } else {
            const [ended] = model.splice(step, 1);
            if (ended === undefined) continue;
            connection.end(connection.find(ended) as RequestInFlight);
            assert.equal(connection.find(ended), undefined);
          }
          assert.deepEqual(new Set(connection.inFlight().map((record) => record.request)), new Set(model));
          assert.equal(connection.hasRequests, model.length > 0);
          for (const started of model) assert.equal(inFlightOf(started)?.request, started);
        }
      }),
    );
  });

  it("uses the record of a request that has ended for the next one, and no other", () => {
    const connection = connect();
    const first = connection.begin(request(connection), response, 0, 0);
    const second = connection.begin(request(connection), response, 0, 0);
    connection.end(second);
    assert.equal(connection.begin(request(connection), response, 0, 0), second);
    assert.notEqual(connection.begin(request(connection), response, 0, 0), second);
    assert.equal(connection.inFlight()[0], first);
  });

  it("keeps the target as received: routers rewrite request.url", () => {
    const connection = connect();
    const started = request(connection, "/api/users?page=2");
    const record = connection.begin(started, response, 3, 17);
    started.url = "/users";
    assert.deepEqual([record.target, record.methodIndex, record.startedAtMs], ["/api/users?page=2", 3, 17]);
  });

  it("begins with what was handed over before: a socket may have been somebody else's", () => {
    const socket = fakeSocket();
    socket._bytesDispatched = 300;
    assert.equal(new Connection(socket, serverSeen(fakeServer())).bytesBefore, 300);
  });
});

describe("inFlightOf", () => {
  for (const socket of [undefined, null, {}]) {
    it(`a request with the socket ${JSON.stringify(socket)}, as frameworks make them for tests: none`, () => {
      assert.equal(inFlightOf({ socket } as IncomingMessage), undefined);
    });
  }
  it("a request of a connection that is let go of: none", () => {
    const connection = connect();
    const started = request(connection);
    connection.begin(started, response, 0, 0);
    setConnection(connection.socket, undefined);
    assert.equal(inFlightOf(started), undefined);
    assert.equal(connectionOf(connection.socket), undefined);
  });
});

describe("serverSeen", () => {
  it("one for each server", () => {
    const server = fakeServer();
    assert.equal(serverSeen(server), serverSeen(server));
    assert.notEqual(serverSeen(server), serverSeen(fakeServer()));
    assert.equal(serverSeen(server).own, false);
  });
  it("ours are ours", () => {
    const server = fakeServer();
    markOwnServer(server);
    assert.equal(serverSeen(server).own, true);
  });
});
