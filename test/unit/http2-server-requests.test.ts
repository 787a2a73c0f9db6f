/** Requests on HTTP/2 followed from their stream's start to its ending, by explicit times and the events of Node's API. */
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Http2Server, ServerHttp2Session } from "node:http2";
import { inFlightOf } from "../../src/instrumentation/http/connection.ts";
import { ExcludedPaths } from "../../src/instrumentation/http/excluded-paths.ts";
import {
  Http2ServerRequests,
  type Http2ServerRequestsOptions,
} from "../../src/instrumentation/http/http2-server-requests.ts";
import type { PathLabels } from "../../src/instrumentation/routes/path-labels.ts";
import { type LabelSet, LabelSets } from "../../src/view/label-sets.ts";
import { METHODS } from "../../src/view/methods.ts";
import { DEFAULT_DURATION_BUCKETS, redView } from "../../src/view/red.ts";

const view = redView({
  service: "shop",
  pathLabel: "path",
  durationBuckets: DEFAULT_DURATION_BUCKETS,
  maxLabelSets: 1000,
});

class FakeSession extends EventEmitter {
  destroyed = false;
  readonly socket = {};
}

class FakeStream extends EventEmitter {
  readonly session: FakeSession;
  headersSent = false;
  sentHeaders: Record<string, unknown> = {};
  aborted = false;
  closed = false;
  rstCode = 0;
  ownsFd: boolean | undefined;

  constructor(session: FakeSession) {
    super();
    this.session = session;
  }

  respond(headers: Record<string, unknown> = {}): void {
    this.headersSent = true;
    this.sentHeaders = { ":status": 200, ...headers };
  }
}

class Followed {
  nowMs = 0;
  sessions = 0;
  readonly failures: unknown[] = [];
  /** `<method> <status> <path> <seconds>`, and whether it was aborted. */
  readonly ended: string[] = [];
  readonly labelSets = new LabelSets(1000, view.attributesProcessors[0]);
  readonly requests: Http2ServerRequests;
  readonly server = new EventEmitter() as Http2Server;
  readonly session = new FakeSession();

  constructor(overrides: Partial<Http2ServerRequestsOptions> = {}) {
    const labelOf = ({ target }: { target: string }) => this.labelSets.template(target);
    this.requests = new Http2ServerRequests({
      labelSets: this.labelSets,
      pathLabels: { ended: labelOf, inFlight: labelOf } as unknown as PathLabels,
      excludedPaths: new ExcludedPaths(["/health"]),
      now: () => this.nowMs,
      onEnded: (labelSet, seconds, isAborted) =>
        this.ended.push(`${nameOf(labelSet)} ${seconds}${isAborted ? " aborted" : ""}`),
      onFirstSession: () => {
        this.sessions++;
      },
      // as start.ts does: we stand aside
      onFailure: (error) => {
        this.failures.push(error);
        this.requests.disable();
      },
      ...overrides,
    });
    this.requests.enable();
    this.open(this.session);
  }

  open(session: FakeSession): void {
    const onSession = this.requests.listeners.get("session");
    onSession?.call(this.server, session as unknown as ServerHttp2Session);
  }

  begin(headers: Record<string, string> = {}, session = this.session): FakeStream {
    const stream = new FakeStream(session);
    session.emit("stream", stream, { ":method": "GET", ":path": "/", ...headers });
    return stream;
  }

  /** `<method> <path>` of each request in flight. */
  active(): string[] {
    const active: string[] = [];
    this.requests.forEachOperation(({ methodIndex, path }) => active.push(`${METHODS[methodIndex]} ${path.value}`));
    return active;
  }
}

function nameOf({ operation, statusCode }: LabelSet): string {
  return `${METHODS[operation.methodIndex]} ${statusCode} ${operation.path.value}`;
}

/** What comes to pass on a stream, and how its request is counted then. */
const ENDINGS: Readonly<Record<string, readonly [(stream: FakeStream) => void, string]>> = {
  "the response is written": [
    (stream) => {
      stream.respond({ ":status": 201 });
      stream.emit("finish");
    },
    "201",
  ],
  "it is written, and reset afterwards": [
    (stream) => {
      stream.respond();
      stream.emit("finish");
      stream.rstCode = 8;
      stream.aborted = true;
      stream.emit("close");
    },
    "200",
  ],
  "HEAD: finished before it is answered, closed afterwards": [
    (stream) => {
      stream.emit("finish");
      stream.respond({ ":status": 203 });
      stream.emit("close");
    },
    "203",
  ],
  "a file: finished before it is sent": [
    (stream) => {
      stream.ownsFd = true;
      stream.respond();
      stream.emit("finish");
      stream.emit("close");
    },
    "200",
  ],
  "a file, and a reset under it": [
    (stream) => {
      stream.ownsFd = false;
      stream.respond();
      stream.emit("finish");
      stream.rstCode = 8;
      stream.emit("close");
    },
    "200 aborted",
  ],
  "a file, and its session goes under it": [
    (stream) => {
      stream.ownsFd = true;
      stream.respond();
      stream.emit("finish");
      stream.session.destroyed = true;
      stream.emit("close");
    },
    "200 aborted",
  ],
  "a reset in mid-body, which finishes the writing side": [
    (stream) => {
      stream.respond({ ":status": 206 });
      stream.rstCode = 8;
      stream.aborted = true;
      stream.emit("finish");
      stream.emit("close");
    },
    "206 aborted",
  ],
  "a reset before any header": [
    (stream) => {
      stream.rstCode = 8;
      stream.aborted = true;
      stream.emit("finish");
      stream.emit("close");
    },
    "499 aborted",
  ],
  "a close without an answer": [(stream) => void stream.emit("close"), "499 aborted"],
  "a close before the last write is reported": [
    (stream) => {
      stream.respond();
      stream.emit("close");
    },
    "200",
  ],
};

describe("Http2ServerRequests", () => {
  let followed: Followed;
  beforeEach(() => {
    followed = new Followed();
  });

  for (const [what, [pass, counted]] of Object.entries(ENDINGS)) {
    it(what, () => {
      const stream = followed.begin({ ":path": "/users" });
      assert.deepEqual(followed.active(), ["GET /users"]);
      followed.nowMs = 1500;
      pass(stream);
      followed.nowMs = 9000;
      stream.emit("close");
      const [status, ...aborted] = counted.split(" ");
      assert.deepEqual(followed.ended, [[`GET ${status} /users 1.5`, ...aborted].join(" ")]);
      assert.deepEqual(followed.active(), []);
      assert.deepEqual([stream.listenerCount("finish"), stream.listenerCount("close")], [0, 0]);
    });
  }

  it("a closed stream that nobody reads to its end is seen at the next collection", () => {
    const stream = followed.begin();
    stream.respond();
    stream.closed = true;
    assert.deepEqual(followed.active(), []);
    assert.deepEqual(followed.ended, ["GET 200 / 0"]);
  });

  for (const [what, headers, counted] of [
    ["CONNECT", { ":path": undefined, ":authority": "example.test:443" }, "CONNECT 200 example.test:443 2"],
    ["a WebSocket's CONNECT", { ":path": "/chat" }, "CONNECT 200 /chat 2"],
  ] as const) {
    it(`${what} ends when it is answered`, async () => {
      const stream = followed.begin({ ":method": "CONNECT", ...headers } as Record<string, string>);
      followed.nowMs = 2000;
      stream.respond();
      await Promise.resolve();
      assert.deepEqual([followed.ended, followed.active()], [[counted], []]);
      assert.equal(Object.hasOwn(stream, "respond"), false);
    });
  }

  it("excluded paths have a count of their own", () => {
    const stream = followed.begin({ ":path": "/health?deep" });
    stream.respond();
    stream.emit("finish");
    assert.deepEqual([followed.requests.excluded, followed.ended, followed.active()], [1, [], []]);
  });

  it("a request is found by its own object, as HTTP/1's", () => {
    const [one, other] = [followed.begin({ ":path": "/one" }), followed.begin({ ":path": "/other" })];
    const requestOf = (stream: FakeStream) =>
      ({ stream, socket: followed.session.socket }) as unknown as IncomingMessage;
    const request = requestOf(other);
    assert.deepEqual([inFlightOf(requestOf(one))?.target, inFlightOf(request)?.target], ["/one", "/other"]);
    assert.equal(inFlightOf(request)?.request, request);
    other.emit("close");
    assert.equal(inFlightOf(request), undefined);
  });

  it("the first session of the process is announced once", () => {
    followed.open(new FakeSession());
    assert.equal(followed.sessions, 1);
  });

  it("lets go of everything when it is disabled, and follows again what begins after it is enabled", () => {
    const before = followed.begin({ ":path": "/before" });
    followed.requests.disable();
    assert.deepEqual([before.listenerCount("finish"), before.listenerCount("close")], [0, 0]);
    followed.begin({ ":path": "/during" });
    followed.requests.enable();
    followed.begin({ ":path": "/after" });
    assert.deepEqual(followed.active(), ["GET /after"]);
  });
});

describe("Http2ServerRequests, with an exception out of our own code", () => {
  const failure = new Error("injected by the test");
  const fail = (): never => {
    throw failure;
  };

  const entries: Readonly<
    Record<string, { overrides: Partial<Http2ServerRequestsOptions>; pass?: (f: Followed) => void }>
  > = {
    "at the first session": { overrides: { onFirstSession: fail } },
    "at a start": { overrides: { now: fail }, pass: (followed) => void followed.begin() },
    "at a finish": {
      overrides: { onEnded: fail },
      pass: (followed) => {
        const stream = followed.begin();
        stream.respond();
        stream.emit("finish");
      },
    },
    "at a close": { overrides: { onEnded: fail }, pass: (followed) => void followed.begin().emit("close") },
  };

  for (const [where, { overrides, pass }] of Object.entries(entries)) {
    it(`${where}: told once, not thrown, and not asked again`, () => {
      // the first session is opened by the constructor: told then, before there is anything to disable
      const failures: unknown[] = [];
      const followed = new Followed({ ...overrides, onFailure: (error) => failures.push(error) });
      pass?.(followed);
      assert.deepEqual(failures, [failure]);
      followed.requests.disable();
      followed.begin().emit("close");
      assert.deepEqual([failures, followed.active()], [[failure], []]);
    });
  }
});
