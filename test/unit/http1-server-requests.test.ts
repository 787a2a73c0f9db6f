/** Requests followed from start to ending, on the real channels, with explicit times. */
import assert from "node:assert/strict";
import { hasSubscribers } from "node:diagnostics_channel";
import { connectionOf, inFlightOf } from "../../src/instrumentation/http/connection.ts";
import { ExcludedPaths } from "../../src/instrumentation/http/excluded-paths.ts";
import { Exemplars } from "../../src/instrumentation/http/exemplars.ts";
import {
  Http1ServerRequests,
  type Http1ServerRequestsOptions,
} from "../../src/instrumentation/http/http1-server-requests.ts";
import type { RequestInFlight } from "../../src/instrumentation/http/request-in-flight.ts";
import { markOwnServer } from "../../src/instrumentation/http/server-seen.ts";
import type { PathLabels } from "../../src/instrumentation/routes/path-labels.ts";
import { RouteSource, reportRoute } from "../../src/instrumentation/routes/route.ts";
import { Aggregator } from "../../src/view/aggregator.ts";
import { LabelSets } from "../../src/view/label-sets.ts";
import { METHODS } from "../../src/view/methods.ts";
import { DEFAULT_DURATION_BUCKETS, redView } from "../../src/view/red.ts";
import { bucketCount, requestCount, stride } from "../../src/view/snapshot.ts";
import {
  close,
  type Exchange,
  exchange,
  fakeServer,
  fakeSocket,
  finish,
  start,
  writeHead,
} from "../support/books/published.ts";

const view = redView({
  service: "shop",
  pathLabel: "path",
  durationBuckets: DEFAULT_DURATION_BUCKETS,
  maxLabelSets: 1000,
});

type Overrides = Partial<Http1ServerRequestsOptions>;

/** Everything behind the channels, with the target as the path label. */
class Followed {
  nowMs = 0;
  firstRequests = 0;
  idleCloses = 0;
  readonly failures: unknown[] = [];
  readonly labelSets = new LabelSets(1000, view.attributesProcessors[0]);
  readonly aggregator = new Aggregator(view, this.labelSets, 0);
  readonly requests: Http1ServerRequests;

  constructor(overrides: Overrides = {}) {
    const labelOf = ({ target }: { target: string }) => this.labelSets.template(target);
    this.requests = new Http1ServerRequests({
      labelSets: this.labelSets,
      pathLabels: { ended: labelOf, inFlight: labelOf } as unknown as PathLabels,
      excludedPaths: new ExcludedPaths(["/health"]),
      exemplars: new Exemplars([1], "trace_based"),
      now: () => this.nowMs,
      onEnded: (labelSet, durationSeconds, isAborted) => {
        this.aggregator.record(labelSet, durationSeconds);
        if (isAborted) labelSet.operation.aborted++;
      },
      onFirstRequest: () => {
        this.firstRequests++;
      },
      onIdleClose: () => {
        this.idleCloses++;
      },
      // as start.ts does: we stand aside
      onFailure: (error) => {
        this.failures.push(error);
        this.requests.disable();
      },
      ...overrides,
    });
    this.requests.enable();
  }

  /** `<method> <status> <path>`: requests. */
  counts(): Record<string, number> {
    const snapshot = this.aggregator.snapshot(this.requests, 0);
    const entries = snapshot.labelSets.map(({ index, statusCode, operation }) => {
      return [`${METHODS[operation.methodIndex]} ${statusCode} ${operation.path.value}`, requestCount(snapshot, index)];
    });
    return Object.fromEntries(entries);
  }

  /** `<method> <path>`: those that are above 0. */
  active(): Record<string, number> {
    const { operations, active } = this.aggregator.snapshot(this.requests, 0);
    return this.#byOperation(operations.map((operation) => active[operation.index] ?? 0));
  }

  aborted(): Record<string, number> {
    return this.#byOperation(this.labelSets.operations.map((operation) => operation.aborted));
  }

  #byOperation(values: readonly number[]): Record<string, number> {
    const entries = this.labelSets.operations.map((operation, index) => {
      return [`${METHODS[operation.methodIndex]} ${operation.path.value}`, values[index] as number] as const;
    });
    return Object.fromEntries(entries.filter(([, value]) => value > 0));
  }
}

describe("Http1ServerRequests", () => {
  let followed: Followed;
  beforeEach(() => {
    followed = new Followed();
  });
  afterEach(() => followed.requests.disable());

  describe("durations, from start to finish", () => {
    for (const [durationMs, le] of [
      [0, 0.005],
      [4.999, 0.005],
      [5, 0.005],
      [5.001, 0.01],
      [10, 0.01],
      [25, 0.025],
      [50, 0.05],
      [75, 0.075],
      [75.001, 0.1],
      [100, 0.1],
      [250, 0.25],
      [500, 0.5],
      [750, 0.75],
      [1000, 1],
      [2500, 2.5],
      [5000, 5],
      [5000.001, Infinity],
      [3_600_000, Infinity],
    ] as const) {
      it(`${durationMs} ms: le="${le}"`, () => {
        const one = start(exchange());
        followed.nowMs = durationMs;
        finish(one);
        const { values, boundaries } = followed.aggregator.snapshot(followed.requests, 0);
        const buckets = [...boundaries, Infinity].filter((_, bucket) => (values[bucket] as number) > 0);
        assert.deepEqual(buckets, [le]);
        assert.equal(values[bucketCount(boundaries)], durationMs / 1000);
        assert.equal(values.length, stride(boundaries));
      });
    }

    it("each its own, also on one connection", () => {
      const socket = fakeSocket();
      const server = fakeServer();
      const first = start(exchange({ url: "/first", socket, server }));
      followed.nowMs = 100;
      const second = start(exchange({ url: "/second", socket, server }));
      followed.nowMs = 1000;
      finish(first);
      followed.nowMs = 3100;
      finish(second);
      const { values, boundaries, labelSets } = followed.aggregator.snapshot(followed.requests, 0);
      const sums = labelSets.map(({ operation, index }) => [
        operation.path.value,
        values[(index + 1) * stride(boundaries) - 1],
      ]);
      assert.deepEqual(Object.fromEntries(sums), { "/first": 1, "/second": 3 });
    });

    it("to the close where there is no finish", () => {
      const one = start(exchange());
      followed.nowMs = 2000;
      close(one);
      assert.equal(followed.aggregator.snapshot(followed.requests, 0).values.at(-1), 2);
    });
  });

  describe("each request once", () => {
    it("a finish that is published twice", () => {
      const one = start(exchange({ url: "/users" }));
      finish(one, 201);
      finish(one, 201);
      assert.deepEqual(followed.counts(), { "GET 201 /users": 1 });
    });
    it("a close after the finish", () => {
      const one = start(exchange());
      finish(one);
      close(one);
      close(one);
      assert.deepEqual([followed.counts(), followed.aborted()], [{ "GET 200 /": 1 }, {}]);
    });
    it("a finish after the close", () => {
      const one = start(exchange());
      close(one);
      finish(one);
      assert.deepEqual([followed.counts(), followed.aborted()], [{ "GET 499 /": 1 }, { "GET /": 1 }]);
    });
    it("a finish without a start: older than we are", () => {
      finish(exchange());
      const one = start(exchange());
      finish(exchange({ socket: one.socket, server: one.server }));
      assert.deepEqual([followed.counts(), followed.active()], [{}, { "GET /": 1 }]);
    });
    it("all that a connection has in flight when it closes", () => {
      const { socket, server } = start(exchange({ url: "/first" }));
      for (const method of ["POST", "PUT"]) start(exchange({ url: "/waiting", method, socket, server }));
      assert.deepEqual(followed.active(), { "GET /first": 1, "POST /waiting": 1, "PUT /waiting": 1 });
      socket.emit("close");
      assert.deepEqual(followed.counts(), { "GET 499 /first": 1, "POST 499 /waiting": 1, "PUT 499 /waiting": 1 });
      assert.deepEqual(followed.aborted(), { "GET /first": 1, "POST /waiting": 1, "PUT /waiting": 1 });
      assert.deepEqual(followed.active(), {});
    });
    it("in any order on one connection", () => {
      const { socket, server } = exchange();
      const exchanges = ["/a", "/b", "/c", "/d"].map((url) => start(exchange({ url, socket, server })));
      for (const index of [2, 0, 3, 1]) finish(exchanges[index] as Exchange);
      assert.deepEqual(followed.counts(), { "GET 200 /a": 1, "GET 200 /b": 1, "GET 200 /c": 1, "GET 200 /d": 1 });
      assert.deepEqual(followed.active(), {});
    });
    it("a finish that is none: the connection went away under it", () => {
      const one = start(exchange());
      one.socket._writableState.destroyed = true;
      one.socket._writableState.needDrain = true;
      finish(one, 206);
      close(one);
      assert.deepEqual([followed.counts(), followed.aborted()], [{ "GET 206 /": 1 }, { "GET /": 1 }]);
    });
    it("a close without any event, seen at the next collection", () => {
      const one = start(exchange());
      one.socket.removeAllListeners();
      close(one);
      assert.deepEqual([followed.active(), followed.counts()], [{}, { "GET 499 /": 1 }]);
      one.socket.emit("close");
      assert.deepEqual(followed.aborted(), { "GET /": 1 });
    });
  });

  describe("the ending of what a close has cut", () => {
    it("no head: 499", () => {
      close(start(exchange()));
      assert.deepEqual(followed.counts(), { "GET 499 /": 1 });
    });
    it("a head: as sent", () => {
      const one = start(exchange());
      writeHead(one, 206);
      close(one);
      assert.deepEqual(followed.counts(), { "GET 206 /": 1 });
    });
    it("a head that did not reach the wire any more, after an answer that did: 499", () => {
      const first = start(exchange({ url: "/first" }));
      finish(first);
      const second = start(exchange({ url: "/second", socket: first.socket, server: first.server }));
      const bytes = first.socket._bytesDispatched;
      writeHead(second, 200);
      first.socket._bytesDispatched = bytes;
      close(second);
      assert.deepEqual(followed.counts(), { "GET 200 /first": 1, "GET 499 /second": 1 });
    });
    it("the same after an answer that is not counted", () => {
      const first = start(exchange({ url: "/health" }));
      finish(first);
      const second = start(exchange({ url: "/second", socket: first.socket, server: first.server }));
      const bytes = first.socket._bytesDispatched;
      writeHead(second, 200);
      first.socket._bytesDispatched = bytes;
      close(second);
      assert.deepEqual(followed.counts(), { "GET 499 /second": 1 });
    });
    it("an answer of Node's own: its status, and not aborted", () => {
      const one = start(exchange());
      one.socket._bytesDispatched = 50;
      one.socket.errored = Object.assign(new Error("timeout"), { code: "ERR_HTTP_REQUEST_TIMEOUT" });
      close(one);
      assert.deepEqual([followed.counts(), followed.aborted()], [{ "GET 408 /": 1 }, {}]);
    });
  });

  describe("a connection that is accepted before it has a request", () => {
    it("is opened once, and its request is counted as any other's", () => {
      const one = exchange({ url: "/first" });
      for (let i = 0; i < 2; i++) followed.requests.accept(one.socket, one.server);
      assert.equal(one.socket.listenerCount("close"), 1);
      finish(start(one));
      assert.deepEqual([followed.counts(), one.socket.listenerCount("close")], [{ "GET 200 /first": 1 }, 1]);
    });
    it("that closes without a request in flight is told of, the others are not", () => {
      const idle = exchange();
      followed.requests.accept(idle.socket, idle.server);
      close(idle);
      assert.equal(followed.idleCloses, 1);
      const kept = start(exchange());
      finish(kept);
      close(kept);
      assert.equal(followed.idleCloses, 2);
      close(start(exchange()));
      assert.equal(followed.idleCloses, 2);
    });
  });

  it("a request that is answered on its socket ends with that status, once", () => {
    const one = start(exchange({ url: "/chat" }));
    followed.nowMs = 250;
    for (const status of [101, 500]) followed.requests.answered(one.request, status);
    assert.deepEqual([connectionOf(one.socket), one.socket.listenerCount("close")], [undefined, 0]);
    close(one);
    assert.deepEqual([followed.counts(), followed.aborted(), followed.idleCloses], [{ "GET 101 /chat": 1 }, {}, 0]);
  });

  it("a request in front of one that is answered on its socket still ends", () => {
    const first = start(exchange({ url: "/first" }));
    const upgrade = start(exchange({ url: "/chat", socket: first.socket, server: first.server }));
    followed.requests.answered(upgrade.request, 101);
    close(first);
    assert.deepEqual(followed.counts(), { "GET 101 /chat": 1, "GET 499 /first": 1 });
  });

  describe("what is not followed", () => {
    it("excluded paths, which have a count of their own", () => {
      const one = start(exchange({ url: "/health?deep=1" }));
      assert.deepEqual([followed.requests.excluded, followed.active()], [1, {}]);
      finish(one);
      close(one);
      assert.deepEqual([followed.counts(), followed.aborted()], [{}, {}]);
    });
    it("servers of ours", () => {
      const server = fakeServer();
      markOwnServer(server);
      const one = start(exchange({ server }));
      finish(one);
      assert.equal(one.socket.listenerCount("close"), 0);
      assert.deepEqual([followed.counts(), followed.requests.excluded], [{}, 0]);
    });
  });

  it("methods that nobody knows are _OTHER", () => {
    finish(start(exchange({ method: "BREW" })));
    assert.deepEqual(followed.counts(), { "_OTHER 200 /": 1 });
  });

  it("the first request of the process is announced once", () => {
    assert.equal(followed.firstRequests, 0);
    const { socket, server } = start(exchange());
    start(exchange({ socket, server }));
    start(exchange());
    assert.equal(followed.firstRequests, 1);
  });

  describe("lets go", () => {
    it("of the application's objects when a request has ended, on a connection that is kept", () => {
      const one = start(exchange({ url: "/users" }));
      const record = inFlightOf(one.request) as RequestInFlight;
      assert.equal(record.response, one.response);
      reportRoute(record, RouteSource.ROUTE, () => undefined, one.request);
      finish(one);
      const { request, response, target, route } = record;
      assert.deepEqual([request, response, target], [undefined, undefined, ""]);
      assert.deepEqual([route.reader, route.state], [undefined, undefined]);
      assert.equal(inFlightOf(one.request), undefined);
    });
    it("of the record: the connection's next request has it", () => {
      const one = start(exchange());
      const record = inFlightOf(one.request) as RequestInFlight;
      reportRoute(record, RouteSource.ROUTE, followed.labelSets.template("/old"));
      finish(one);
      const next = start(exchange({ url: "/next", socket: one.socket, server: one.server }));
      assert.equal(inFlightOf(next.request), record);
      assert.deepEqual([record.route.source, record.route.path, record.target], [RouteSource.NONE, undefined, "/next"]);
    });
    it("of everything when it is disabled, with requests in flight", () => {
      const exchanges = [start(exchange()), start(exchange()), start(exchange({ url: "/health" }))];
      const [kept] = exchanges as [Exchange];
      finish(kept);
      const { socket, server } = kept;
      start(exchange({ socket, server }));
      for (const { socket } of exchanges) assert.equal(socket.listenerCount("close"), 1);
      followed.requests.disable();
      for (const { socket } of exchanges) {
        assert.equal(socket.listenerCount("close"), 0);
        assert.equal(connectionOf(socket), undefined);
      }
      assert.equal(hasSubscribers("http.server.request.start"), false);
      assert.equal(hasSubscribers("http.server.response.finish"), false);
      assert.deepEqual([followed.counts(), followed.active()], [{ "GET 200 /": 1 }, {}]);
    });
    it("and follows again when it is enabled again, what begins from then on", () => {
      const before = start(exchange({ url: "/before" }));
      followed.requests.disable();
      start(exchange({ url: "/while-disabled" }));
      followed.requests.enable();
      finish(before);
      finish(start(exchange({ url: "/after", socket: before.socket, server: before.server })));
      assert.deepEqual(followed.counts(), { "GET 200 /after": 1 });
    });
    it("of connections when they close: what is disabled then is the rest", () => {
      const one = start(exchange());
      close(one);
      followed.requests.disable();
      assert.notEqual(connectionOf(one.socket), undefined);
    });
  });
});

describe("Http1ServerRequests, with an exception out of our own code", () => {
  const failure = new Error("injected by the test");
  const fail = (): never => {
    throw failure;
  };
  const failing = (method: string) =>
    new Proxy({}, { get: (_, name) => (name === method ? fail : () => ({ operations: [] })) });
  const labels = { ended: () => ({ operations: [] }), inFlight: () => ({ operations: [] }) };

  /** What is published, with the exception to come out of it. */
  const entries: Readonly<Record<string, { overrides?: Overrides; publish(): void }>> = {
    "at the first request": { overrides: { onFirstRequest: fail }, publish: () => start(exchange()) },
    "at a start: the clock": { overrides: { now: fail }, publish: () => start(exchange()) },
    "at a start: the excluded paths": {
      overrides: { excludedPaths: failing("has") as ExcludedPaths },
      publish: () => start(exchange()),
    },
    "at a start: the request": {
      publish: () => start({ ...exchange(), request: Object.defineProperty({}, "url", { get: fail }) as never }),
    },
    "at a start: the socket": {
      publish: () => start({ ...exchange(), socket: Object.assign(fakeSocket(), { on: fail }) as never }),
    },
    "at a finish: the path": {
      overrides: { pathLabels: { ...labels, ended: fail } as unknown as PathLabels },
      publish: () => finish(start(exchange())),
    },
    "at a finish: the label set": {
      overrides: { labelSets: failing("labelSet") as LabelSets, pathLabels: labels as unknown as PathLabels },
      publish: () => finish(start(exchange())),
    },
    "at a finish: the measurement": { overrides: { onEnded: fail }, publish: () => finish(start(exchange())) },
    "at a finish: the response": {
      publish: () => {
        const one = start(exchange());
        Object.defineProperty(one.socket, "_writableState", { get: fail });
        finish(one);
      },
    },
    "at a close: the path": {
      overrides: { pathLabels: { ...labels, ended: fail } as unknown as PathLabels },
      publish: () => close(start(exchange())),
    },
    "at a close: the measurement": { overrides: { onEnded: fail }, publish: () => close(start(exchange())) },
    "at a close: the socket": {
      publish: () => {
        const one = start(exchange());
        Object.defineProperty(one.socket, "errored", { get: fail });
        close(one);
      },
    },
  };

  for (const [where, { overrides = {}, publish }] of Object.entries(entries)) {
    it(`${where}: told once, not thrown, and not asked again`, async () => {
      const followed = new Followed(overrides);
      const uncaught: unknown[] = [];
      const onUncaught = (error: unknown) => uncaught.push(error);
      const listeners = process.listeners("uncaughtException");
      process.removeAllListeners("uncaughtException").on("uncaughtException", onUncaught);
      try {
        publish();
        finish(start(exchange()));
        close(start(exchange()));
        // a subscriber's exception comes out in the next tick
        await new Promise(setImmediate);
      } finally {
        process.removeListener("uncaughtException", onUncaught);
        for (const listener of listeners) process.on("uncaughtException", listener);
        followed.requests.disable();
      }
      assert.deepEqual(followed.failures, [failure]);
      assert.deepEqual(uncaught, []);
      assert.equal(hasSubscribers("http.server.request.start"), false);
    });
  }
});
