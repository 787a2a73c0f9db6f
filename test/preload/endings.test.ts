/**
 * How a request can end: one row for each way, with the series in which it must be found. The same table for both
 * instrumentations; `TEST_NODE` names another Node for the application.
 */
import assert from "node:assert/strict";
import { type App, INSTRUMENTATIONS, startApp } from "../support/app.ts";
import { activeRequests, assertIdentities, assertMonotonic } from "../support/books/identities.ts";
import { Stages } from "../support/books/stages.ts";
import { get, post, Wire } from "../support/books/wire.ts";
import { type Exposition, series, total } from "../support/exposition.ts";
import { countedSince, portOf } from "../support/route-table.ts";

/** What a row has at hand. */
interface Client {
  readonly stages: Stages;
  /** To a server of test/apps/endings/endings.js, by its name. */
  open(server?: string): Promise<Wire>;
  openSecurely(): Promise<Wire>;
  /** The next scrape that shows so many requests in flight. */
  scrapeWithActive(active: number): Promise<Exposition>;
}

interface Row {
  readonly ending: string;
  run(client: Client): Promise<unknown>;
  /** `<method> <status_code> <path>`: requests counted. */
  readonly counted: Readonly<Record<string, number>>;
  /** `<method> <path>`: of those the aborted ones. Default: none. */
  readonly aborted?: Readonly<Record<string, number>>;
}

/** Sends the requests in one write, and waits for so many complete answers that end with this text. */
function exchange(requests: string | readonly string[], answered: string, server?: string) {
  return async ({ open }: Client) => {
    const wire = await open(server);
    await wire.send([requests].flat().join(""));
    await wire.receives(answered, [requests].flat().length);
    await wire.leave();
    return wire;
  };
}

/** Sends the request, and waits for the server to hang up. */
function untilHungUp(request: string, server?: string) {
  return async ({ open }: Client) => {
    const wire = await open(server);
    await wire.send(request);
    await wire.closed;
  };
}

/** Sends the request, waits for this text of the answer, and leaves. */
function leaveAfter(request: string, received: string) {
  return async ({ open }: Client) => {
    const wire = await open();
    await wire.send(request);
    await wire.receives(received);
    await wire.leave();
  };
}

/** Sends the request, waits for the handler to reach its stage, and resets the connection. */
function resetAt(stage: string, request: string) {
  return async ({ open, stages }: Client) => {
    const wire = await open();
    await wire.send(request);
    await stages.reached(stage);
    await wire.reset();
  };
}

/** Waits for this text of the answer, and then has the handler destroy the connection. */
function destroyedAfter(received: string, request: string) {
  return async ({ open, stages }: Client) => {
    const wire = await open();
    await wire.send(request);
    await wire.receives(received);
    wire.stopReading();
    stages.order("destroy");
  };
}

const HEAD_END = "\r\n\r\n";

const SENT: readonly Row[] = [
  { ending: "finished", run: exchange(get("/finished"), "ok"), counted: { "GET 200 /finished": 1 } },
  { ending: "HEAD", run: exchange(get("/finished", "HEAD"), HEAD_END), counted: { "HEAD 200 /finished": 1 } },
  { ending: "204", run: exchange(get("/no-content"), HEAD_END), counted: { "GET 204 /no-content": 1 } },
  { ending: "304", run: exchange(get("/not-modified"), HEAD_END), counted: { "GET 304 /not-modified": 1 } },
  { ending: "chunked", run: exchange(get("/chunked"), "0\r\n\r\n"), counted: { "GET 200 /chunked": 1 } },
  {
    ending: "keep-alive: many requests, one after the other",
    run: async ({ open }) => {
      const wire = await open();
      for (let i = 1; i <= 30; i++) {
        await wire.send(get("/finished"));
        await wire.receives("ok", i);
      }
      await wire.leave();
    },
    counted: { "GET 200 /finished": 30 },
  },
  {
    ending: "pipelined: many requests in one write",
    run: exchange(Array(20).fill(get("/finished")), "ok"),
    counted: { "GET 200 /finished": 20 },
  },
  {
    ending: "pipelined behind one that takes its time",
    run: async ({ open, stages }) => {
      const wire = await open();
      await wire.send(get("/waits") + get("/finished") + get("/no-content"));
      await stages.reached("waits");
      stages.order("answer");
      await wire.receives(HEAD_END, 3);
      await wire.leave();
    },
    counted: { "GET 200 /waits": 1, "GET 200 /finished": 1, "GET 204 /no-content": 1 },
  },
  {
    ending: "the client vanishes right after the answer",
    run: async ({ open }) => {
      const wire = await open();
      await wire.send(get("/finished"));
      await wire.receives("ok");
      await wire.reset();
    },
    counted: { "GET 200 /finished": 1 },
  },
  {
    ending: "answered before the upload has come to its end",
    run: leaveAfter(`${post("/too-large", 1000)}only this much`, "too large"),
    counted: { "POST 413 /too-large": 1 },
  },
  {
    ending: "Expect: 100-continue, continued",
    run: async ({ open }) => {
      const wire = await open();
      await wire.send(post("/upload", 4, "expect: 100-continue\r\n"));
      await wire.receives("HTTP/1.1 100");
      await wire.send("body");
      await wire.receives("thanks");
      await wire.leave();
    },
    counted: { "POST 200 /upload": 1 },
  },
  {
    ending: "an expectation that Node does not know",
    run: exchange(post("/upload", 4, "expect: a miracle\r\n"), HEAD_END),
    counted: { "POST 417 /upload": 1 },
  },
  {
    ending: "the status is changed after the head was sent",
    run: exchange(get("/status-after-head"), "created"),
    counted: { "GET 201 /status-after-head": 1 },
  },
  {
    ending: "the status is changed in mid-body",
    run: exchange(get("/status-in-mid-body"), "0\r\n\r\n"),
    counted: { "GET 202 /status-in-mid-body": 1 },
  },
  {
    ending: "informational responses before the final one",
    run: exchange(get("/informed"), "ok"),
    counted: { "GET 203 /informed": 1 },
  },
  ...[299, 399, 400, 418, 499, 599, 600, 999].map((code) => ({
    ending: `status ${code}`,
    run: exchange(get(`/status?code=${code}`), "ok"),
    counted: { [`GET ${code} /status`]: 1 },
  })),
  {
    ending: "an informational status as the final one",
    run: leaveAfter(get("/status?code=199"), HEAD_END),
    counted: { "GET 199 /status": 1 },
  },
  {
    ending: "written to after its end",
    run: async (client) => {
      await exchange(get("/late-write"), "ok")(client);
      await client.stages.reached("late-write");
    },
    counted: { "GET 200 /late-write": 1 },
  },
  {
    ending: "the server destroys the socket after the end",
    run: untilHungUp(get("/ended-then-destroyed")),
    counted: { "GET 200 /ended-then-destroyed": 1 },
  },
  {
    ending: "the server destroys the socket when told of the end",
    run: exchange(get("/ended-calls-destroy"), "ok"),
    counted: { "GET 200 /ended-calls-destroy": 1 },
  },
  {
    ending: "the server ends the socket after the end",
    run: untilHungUp(get("/hangs-up-politely")),
    counted: { "GET 401 /hangs-up-politely": 1 },
  },
  {
    ending: "half-open: the client has ended its input, the server allows it",
    run: async ({ open, stages }) => {
      const wire = await open("half-open");
      await wire.send(get("/waits"));
      await stages.reached("waits");
      wire.endInput();
      stages.order("answer");
      await wire.receives("ok");
      await wire.leave();
    },
    counted: { "GET 200 /waits": 1 },
  },
  {
    ending: "the application replaces response.end",
    run: exchange(get("/replaced-end"), "ok"),
    counted: { "GET 200 /replaced-end": 1 },
  },
  {
    ending: "the application replaces response.writeHead",
    run: exchange(get("/replaced-write-head"), "teapot"),
    counted: { "GET 418 /replaced-write-head": 1 },
  },
  {
    ending: "the application replaces server.emit",
    run: exchange([get("/finished"), get("/no-content")], HEAD_END, "replaced"),
    counted: { "GET 200 /finished": 1, "GET 204 /no-content": 1 },
  },
  {
    ending: "a second server in the process",
    run: async (client) => {
      await exchange(get("/finished"), "ok", "twin")(client);
      await exchange(get("/finished"), "ok")(client);
    },
    counted: { "GET 200 /finished": 2 },
  },
  {
    ending: "https",
    run: async ({ openSecurely }) => {
      const wire = await openSecurely();
      await wire.send(get("/finished") + get("/chunked"));
      await wire.receives("0\r\n\r\n");
      await wire.leave();
    },
    counted: { "GET 200 /finished": 1, "GET 200 /chunked": 1 },
  },
];

const THROWN: readonly Row[] = [
  ...["/throws", "/rejects"].map((path) => ({
    ending: `${path}, and nobody answers: the client gives up`,
    run: resetAt("last-resort", get(path)),
    counted: { [`GET 499 ${path}`]: 1 },
    aborted: { [`GET ${path}`]: 1 },
  })),
  ...["/throws-answered", "/rejects-answered"].map((path) => ({
    ending: `${path} by the process's last resort`,
    run: leaveAfter(get(path), "went wrong"),
    counted: { [`GET 503 ${path}`]: 1 },
  })),
  {
    ending: "throws after it has answered",
    run: leaveAfter(get("/throws-after-answer"), "ok"),
    counted: { "GET 200 /throws-after-answer": 1 },
  },
];

const ABORTED_BEFORE_HEAD: readonly Row[] = [
  {
    ending: "the client closes the connection before the head",
    run: async ({ open, stages }) => {
      const wire = await open();
      await wire.send(get("/waits"));
      await stages.reached("waits");
      await wire.leave();
    },
    counted: { "GET 499 /waits": 1 },
    aborted: { "GET /waits": 1 },
  },
  {
    ending: "the client resets the connection before the head",
    run: resetAt("waits", get("/waits")),
    counted: { "GET 499 /waits": 1 },
    aborted: { "GET /waits": 1 },
  },
  {
    ending: "the second request of a connection is reset before the head",
    run: async ({ open, stages }) => {
      const wire = await open();
      await wire.send(get("/finished"));
      await wire.receives("ok");
      await wire.send(get("/waits"));
      await stages.reached("waits");
      await wire.reset();
    },
    counted: { "GET 200 /finished": 1, "GET 499 /waits": 1 },
    aborted: { "GET /waits": 1 },
  },
  {
    ending: "writeHead was called, and nothing sent",
    run: resetAt("head-in-memory", get("/head-in-memory")),
    counted: { "GET 499 /head-in-memory": 1 },
    aborted: { "GET /head-in-memory": 1 },
  },
  {
    ending: "informational responses only",
    run: leaveAfter(get("/informed-only"), "HTTP/1.1 103"),
    counted: { "GET 499 /informed-only": 1 },
    aborted: { "GET /informed-only": 1 },
  },
  {
    ending: "the client closes the connection in mid-upload",
    run: async ({ open, stages }) => {
      const wire = await open();
      await wire.send(`${post("/upload", 1000)}some of it`);
      await stages.reached("upload");
      await wire.leave();
    },
    counted: { "POST 499 /upload": 1 },
    aborted: { "POST /upload": 1 },
  },
  {
    ending: "the client resets the connection in mid-upload",
    run: resetAt("upload", `${post("/upload", 1000)}some of it`),
    counted: { "POST 499 /upload": 1 },
    aborted: { "POST /upload": 1 },
  },
  {
    ending: "Expect: 100-continue, and the body is cut",
    run: async ({ open }) => {
      const wire = await open();
      await wire.send(post("/upload", 1000, "expect: 100-continue\r\n"));
      await wire.receives("HTTP/1.1 100");
      await wire.send("some of it");
      await wire.leave();
    },
    counted: { "POST 499 /upload": 1 },
    aborted: { "POST /upload": 1 },
  },
  {
    ending: "pipelined and cut: the first has not answered, and so none has",
    run: resetAt("waits", get("/waits") + get("/finished").repeat(2) + get("/chunked")),
    counted: { "GET 499 /waits": 1, "GET 499 /finished": 2, "GET 499 /chunked": 1 },
    aborted: { "GET /waits": 1, "GET /finished": 2, "GET /chunked": 1 },
  },
  {
    ending: "half-open: the client has ended its input, the server does not allow it",
    run: async ({ open, stages }) => {
      const wire = await open();
      await wire.send(get("/ended-after-end-of-input"));
      await stages.reached("ended-after-end-of-input");
      wire.endInput();
      await wire.closed;
      assert.deepEqual(wire.statuses, []);
    },
    counted: { "GET 499 /ended-after-end-of-input": 1 },
    aborted: { "GET /ended-after-end-of-input": 1 },
  },
  ...[
    "/destroys-socket",
    "/destroys-request",
    "/destroys-response",
    "/destroys-response-with-error",
    "/destroyed-then-ended",
    "/destroyed-then-written",
    "/written-then-destroyed",
  ].flatMap((path) => [
    {
      ending: `the server: ${path}`,
      run: untilHungUp(get(path)),
      counted: { [`GET 499 ${path}`]: 1 },
      aborted: { [`GET ${path}`]: 1 },
    },
    {
      ending: `the server, on the second request of a connection: ${path}`,
      run: async ({ open }: Client) => {
        const wire = await open();
        await wire.send(get("/finished"));
        await wire.receives("ok");
        await wire.send(get(path));
        await wire.closed;
        assert.deepEqual(wire.statuses, [200]);
      },
      counted: { "GET 200 /finished": 1, [`GET 499 ${path}`]: 1 },
      aborted: { [`GET ${path}`]: 1 },
    },
  ]),
  {
    ending: "the server destroys the socket with others waiting behind",
    run: untilHungUp(get("/destroys-socket") + get("/finished").repeat(2)),
    counted: { "GET 499 /destroys-socket": 1, "GET 499 /finished": 2 },
    aborted: { "GET /destroys-socket": 1, "GET /finished": 2 },
  },
  {
    ending: "server.timeout",
    run: untilHungUp(get("/silent"), "idle"),
    counted: { "GET 499 /silent": 1 },
    aborted: { "GET /silent": 1 },
  },
  {
    ending: "https: the client leaves before the head",
    run: async ({ openSecurely, stages }) => {
      const wire = await openSecurely();
      await wire.send(get("/waits"));
      await stages.reached("waits");
      await wire.leave();
    },
    counted: { "GET 499 /waits": 1 },
    aborted: { "GET /waits": 1 },
  },
  {
    ending: "https: the server destroys the socket and then answers",
    run: async ({ openSecurely }) => {
      const wire = await openSecurely();
      await wire.send(get("/finished"));
      await wire.receives("ok");
      await wire.send(get("/destroyed-then-ended"));
      await wire.closed;
    },
    counted: { "GET 200 /finished": 1, "GET 499 /destroyed-then-ended": 1 },
    aborted: { "GET /destroyed-then-ended": 1 },
  },
  {
    ending: "the application removes all listeners of the socket",
    run: resetAt("no-listeners-left", get("/no-listeners-left")),
    counted: { "GET 499 /no-listeners-left": 1 },
    aborted: { "GET /no-listeners-left": 1 },
  },
];

const ABORTED_IN_MID_BODY: readonly Row[] = [
  {
    ending: "the head was flushed, and no body came",
    run: leaveAfter(get("/head-flushed"), HEAD_END),
    counted: { "GET 206 /head-flushed": 1 },
    aborted: { "GET /head-flushed": 1 },
  },
  {
    ending: "the client leaves in mid-body",
    run: leaveAfter(get("/mid-body"), "some of it"),
    counted: { "GET 500 /mid-body": 1 },
    aborted: { "GET /mid-body": 1 },
  },
  {
    ending: "server-sent events: active while the stream is open, counted when it is closed",
    run: async ({ open, scrapeWithActive }) => {
      const wires = await Promise.all([open(), open(), open()]);
      for (const wire of wires) {
        await wire.send(get("/events"));
        await wire.receives("data: 1");
      }
      const { samples } = await scrapeWithActive(3);
      assert.equal(total(samples, "http_requests_active", { method: "GET", path: "/events" }), 3);
      assert.equal(total(samples, "http_requests_total", { path: "/events" }), 0);
      for (const wire of wires) await wire.leave();
    },
    counted: { "GET 200 /events": 3 },
    aborted: { "GET /events": 3 },
  },
  ...["/long-body", "/long-stream"].map((path) => ({
    ending: `${path}: the client leaves before it has read what the handler has ended`,
    run: async ({ open }: Client) => {
      const wire = await open();
      await wire.send(get(path));
      await wire.receives(HEAD_END);
      wire.stopReading();
      await wire.leave();
    },
    counted: { [`GET 200 ${path}`]: 1 },
    aborted: { [`GET ${path}`]: 1 },
  })),
  {
    ending: "the server destroys the socket under a long body",
    run: destroyedAfter(HEAD_END, get("/destroyed-under-long-body")),
    counted: { "GET 200 /destroyed-under-long-body": 1 },
    aborted: { "GET /destroyed-under-long-body": 1 },
  },
  ...["/destroys-socket-in-mid-body", "/destroys-response-in-mid-body"].map((path) => ({
    ending: `the server: ${path}`,
    run: destroyedAfter("some of it", get(path)),
    counted: { [`GET 200 ${path}`]: 1 },
    aborted: { [`GET ${path}`]: 1 },
  })),
  {
    ending: "pipelined and cut in mid-body: those behind have not begun",
    run: leaveAfter(get("/finished") + get("/mid-body") + get("/finished").repeat(2), "some of it"),
    counted: { "GET 200 /finished": 1, "GET 500 /mid-body": 1, "GET 499 /finished": 2 },
    aborted: { "GET /mid-body": 1, "GET /finished": 2 },
  },
  {
    ending: "https: the client leaves in mid-body",
    run: async ({ openSecurely }) => {
      const wire = await openSecurely();
      await wire.send(get("/finished") + get("/mid-body"));
      await wire.receives("some of it");
      await wire.leave();
    },
    counted: { "GET 200 /finished": 1, "GET 500 /mid-body": 1 },
    aborted: { "GET /mid-body": 1 },
  },
];

const ANSWERED_BY_NODE: readonly Row[] = [
  {
    ending: "no Host header",
    run: exchange("GET /finished HTTP/1.1\r\n\r\n", HEAD_END),
    counted: { "GET 400 /finished": 1 },
  },
  {
    ending: "more requests than server.maxRequestsPerSocket",
    run: exchange([get("/finished"), get("/no-content")], HEAD_END, "few"),
    counted: { "GET 200 /finished": 1, "GET 503 /no-content": 1 },
  },
  { ending: "no request: what comes cannot be parsed", run: exchange("garbage\r\n\r\n", HEAD_END), counted: {} },
  {
    ending: "no request: CONNECT, which nobody listens for",
    run: untilHungUp(get("/finished") + get("localhost:443", "CONNECT")),
    counted: { "GET 200 /finished": 1 },
  },
  {
    ending: "an upload that takes longer than server.requestTimeout",
    run: exchange(`${post("/upload", 1000)}some of it`, "408 Request Timeout", "hasty"),
    counted: { "POST 408 /upload": 1 },
  },
  {
    ending: "behind it the head of another takes longer than server.headersTimeout",
    run: exchange(`${get("/silent")}GET /finished HTTP/1.1\r\n`, "408 Request Timeout", "hasty"),
    counted: { "GET 408 /silent": 1 },
  },
  {
    ending: "a body that cannot be parsed",
    run: exchange(
      "POST /upload HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\nno length\r\n",
      "400 Bad Request",
    ),
    counted: { "POST 400 /upload": 1 },
  },
  {
    ending: "garbage behind one that has begun to answer",
    run: async ({ open }) => {
      const wire = await open();
      await wire.send(get("/mid-body"));
      await wire.receives("some of it");
      await wire.send("garbage\r\n\r\n");
      await wire.closed;
    },
    counted: { "GET 500 /mid-body": 1 },
    aborted: { "GET /mid-body": 1 },
  },
  {
    ending: "server.requestTimeout, and the application's clientError listener does not answer",
    run: untilHungUp(`${post("/upload", 1000)}some of it`, "curt"),
    counted: { "POST 499 /upload": 1 },
    aborted: { "POST /upload": 1 },
  },
];

/** Each once: afterwards the server is gone. */
const CLOSED: readonly Row[] = [
  {
    ending: "server.close() under load: what has begun is answered",
    run: async ({ open, stages }) => {
      const wires = await Promise.all(Array.from({ length: 8 }, () => open("closing")));
      for (const wire of wires) {
        await wire.send(get("/waits"));
        await stages.reached("waits");
      }
      stages.order("close");
      await stages.reached("closing");
      stages.order("answer");
      for (const wire of wires) {
        await wire.receives("ok");
        await wire.leave();
      }
      await stages.reached("closed");
    },
    counted: { "GET 200 /waits": 8 },
  },
  {
    ending: "server.closeAllConnections() under load: what has begun is cut",
    run: async ({ open, stages }) => {
      const wires = await Promise.all(Array.from({ length: 8 }, () => open("closing-all")));
      const [streams, waiting] = [wires.slice(0, 3), wires.slice(3)];
      for (const wire of streams) {
        await wire.send(get("/events"));
        await wire.receives("data: 1");
      }
      for (const wire of waiting) {
        await wire.send(get("/waits"));
        await stages.reached("waits");
      }
      stages.order("close all");
      await stages.reached("closed all");
      for (const wire of wires) await wire.closed;
    },
    counted: { "GET 200 /events": 3, "GET 499 /waits": 5 },
    aborted: { "GET /events": 3, "GET /waits": 5 },
  },
];

const GROUPS: Readonly<Record<string, readonly Row[]>> = {
  "the answer is sent": SENT,
  "the handler throws": THROWN,
  "nothing is sent": ABORTED_BEFORE_HEAD,
  "part of the answer is sent": ABORTED_IN_MID_BODY,
  "Node itself answers": ANSWERED_BY_NODE,
  "the server closes": CLOSED,
};

/** `<method> <path>`: requests aborted between the scrapes. */
function abortedSince(before: Exposition, after: Exposition): Record<string, number> {
  const entries = series(after.samples, "http_requests_aborted_total").map(({ labels, value }) => {
    const more = value - total(before.samples, "http_requests_aborted_total", labels);
    return [`${labels.method} ${labels.path}`, more] as const;
  });
  return Object.fromEntries(entries.filter(([, more]) => more !== 0));
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

for (const instrumentation of INSTRUMENTATIONS) {
  describe(`endings, ${instrumentation}`, () => {
    let app: App;
    let stages: Stages;
    let expected = 0;

    before(async () => {
      app = await startApp({
        args: ["test/apps/endings/endings.js"],
        env: { RED_HTTP_INSTRUMENTATION: instrumentation },
        ...(process.env.TEST_NODE && { node: process.env.TEST_NODE }),
      });
      stages = await Stages.connect(portOf(app, "orders"));
    });

    after(async () => {
      stages?.close();
      await app?.stop();
    });

    for (const [group, rows] of Object.entries(GROUPS)) {
      describe(group, () => {
        for (const row of rows) it(row.ending, () => test(row));
      });
    }

    describe("in all", () => {
      it("each request once", async () => {
        const { samples } = await app.scrape();
        assert.equal(total(samples, "http_requests_total"), expected);
      });

      it("nothing on stderr about itself", () => {
        assert.equal(app.stderr(), `otel-red: metrics are served on ${app.metricsUrl}\n`);
      });
    });

    async function test({ run, counted, aborted = {} }: Row): Promise<void> {
      const wires: Wire[] = [];
      const opened = (wire: Wire) => {
        wires.push(wire);
        return wire;
      };
      const before = await app.scrape();
      const ended = total(before.samples, "http_requests_total") + sumOf(counted);
      let scraped: Exposition;
      try {
        await run({
          stages,
          open: async (server) => opened(await Wire.open(portOf(app, server))),
          openSecurely: async () => opened(await Wire.openSecurely(portOf(app, "secure"))),
          scrapeWithActive: (active) =>
            app.scrapeUntil(`${active} requests are in flight`, (exposition) => activeRequests(exposition) === active),
        });
        scraped = await app.scrapeUntil(
          "as many requests have ended",
          (exposition) => total(exposition.samples, "http_requests_total") >= ended,
        );
      } finally {
        await Promise.all(wires.map((wire) => wire.leave()));
      }
      assert.deepEqual(
        { counted: countedSince(before, scraped), aborted: abortedSince(before, scraped) },
        { counted, aborted },
      );
      expected += sumOf(counted);
      assert.equal(activeRequests(scraped), 0);
      assertIdentities(scraped);
      assertMonotonic(before, scraped);
    }
  });
}
