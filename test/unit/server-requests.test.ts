/** Which listeners of ours a server has, from when it listens until we stand aside. */
import assert from "node:assert/strict";
import { type EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import { createServer as createHttp2Server, createSecureServer } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import { createServer as createNetServer, type Server } from "node:net";
import { ExcludedPaths } from "../../src/instrumentation/http/excluded-paths.ts";
import { Exemplars } from "../../src/instrumentation/http/exemplars.ts";
import { ServerRequests, type ServerRequestsOptions } from "../../src/instrumentation/http/server-requests.ts";
import { markOwnServer } from "../../src/instrumentation/http/server-seen.ts";
import type { PathLabels } from "../../src/instrumentation/routes/path-labels.ts";
import { LabelSets } from "../../src/view/label-sets.ts";
import { redLabels } from "../../src/view/red.ts";
import { exchange } from "../support/books/published.ts";

function createRequests(overrides: Partial<ServerRequestsOptions> = {}): ServerRequests {
  const labelSets = new LabelSets(1000, redLabels("shop", "path"));
  const labelOf = ({ target }: { target: string }) => labelSets.template(target);
  return new ServerRequests({
    labelSets,
    pathLabels: { ended: labelOf, inFlight: labelOf } as unknown as PathLabels,
    excludedPaths: new ExcludedPaths([]),
    exemplars: new Exemplars([], "always_off"),
    now: () => 0,
    onEnded: () => {},
    onFirstRequest: () => {},
    onFirstSession: () => {},
    onFailure: (error) => {
      throw error;
    },
    ...overrides,
  });
}

const EVENTS = [
  "connection",
  "secureConnection",
  "session",
  "upgrade",
  "connect",
  "clientError",
  "newListener",
  "removeListener",
] as const;

/** Listeners that have come since, by event. */
function added(server: Server, before: readonly number[]): Record<string, number> {
  const more = EVENTS.map((event, index) => [event, server.listenerCount(event) - (before[index] as number)] as const);
  return Object.fromEntries(more.filter(([, count]) => count !== 0));
}

const countsOf = (server: Server) => EVENTS.map((event) => server.listenerCount(event));

async function listen(server: Server): Promise<void> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
}

const own = (): Server => {
  const server = createServer();
  markOwnServer(server);
  return server;
};

const SERVERS: Readonly<Record<string, readonly [() => Server, Readonly<Record<string, number>>]>> = {
  "node:http": [createServer, { connection: 1, newListener: 1 }],
  "node:http, with listeners of upgrade and clientError": [
    () =>
      createServer()
        .on("upgrade", () => {})
        .on("clientError", () => {}),
    { connection: 1, newListener: 1, removeListener: 1, upgrade: 1, clientError: 1 },
  ],
  "node:https": [() => createHttpsServer(), { secureConnection: 1, newListener: 1 }],
  "node:http2": [createHttp2Server, { session: 1 }],
  "node:http2, with a listener of connect, which is another event there": [
    () => createHttp2Server().on("connect", () => {}),
    { session: 1 },
  ],
  "node:http2 over TLS": [() => createSecureServer({}), { session: 1, secureConnection: 1, newListener: 1 }],
  "node:net": [createNetServer, {}],
  "one of ours": [own, {}],
};

describe("ServerRequests", () => {
  let requests: ServerRequests;
  let server: Server;
  beforeEach(() => {
    requests = createRequests();
    requests.enable();
  });
  afterEach(() => {
    requests.disable();
    server.close();
  });

  for (const [name, [create, expected]] of Object.entries(SERVERS)) {
    it(`${name}: ${Object.keys(expected).join(", ") || "nothing"}, once, until we stand aside`, async () => {
      server = create();
      const before = countsOf(server);
      await listen(server);
      assert.deepEqual(added(server, before), expected);
      server.close();
      await once(server, "close");
      await listen(server);
      assert.deepEqual(added(server, before), expected, "listening again");
      requests.disable();
      assert.deepEqual(added(server, before), {});
    });
  }

  it("observes a server again after it was enabled again", async () => {
    server = createServer();
    await listen(server);
    requests.disable();
    requests.enable();
    server.close();
    await once(server, "close");
    const before = countsOf(server);
    await listen(server);
    assert.deepEqual(added(server, before), { connection: 1, newListener: 1 });
  });

  const { request, socket } = exchange();
  for (const [event, ...args] of [
    ["connection", socket],
    ["upgrade", request, socket],
    ["connect", request, socket],
  ] as const) {
    it(`an exception out of our own code at ${event} is handed over, and the application's listener is called`, async () => {
      requests.disable();
      const failure = new Error("injected by the test");
      const failures: unknown[] = [];
      requests = createRequests({
        onFirstRequest: () => {
          throw failure;
        },
        onFailure: (error) => failures.push(error),
      });
      requests.enable();
      let called = 0;
      // Node's own wants a real socket
      server = createServer().removeAllListeners("connection");
      server.on(event, () => {
        called++;
      });
      await listen(server);
      (server as EventEmitter).emit(event, ...args);
      assert.deepEqual([failures, called], [[failure], 1]);
    });
  }
});
