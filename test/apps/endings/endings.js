/**
 * One handler for each way in which a request can end; the path names it. What a handler waits for is ordered by the
 * test, and what it has come to is told, see stages.js.
 */
import { createServer, ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { listenForOrders, ordered, reached } from "./stages.js";

/** More than the kernel's buffers of both ends take. */
const LONG_BODY = Buffer.alloc(32 * 1024 * 1024, "x");

/** Handlers that are going to throw, or have: who answers for them is the process's last resort. */
const unanswered = new Map();

const handlers = {
  "/finished": (_req, res) => res.end("ok"),
  "/no-content": (_req, res) => res.writeHead(204).end(),
  "/not-modified": (_req, res) => res.writeHead(304).end(),
  "/chunked": (_req, res) => {
    res.write("one,");
    setImmediate(() => res.end("two"));
  },
  "/events": (_req, res) => {
    res.writeHead(200, { "content-type": "text/event-stream" });
    res.write("data: 1\n\n");
  },
  "/silent": () => {},
  "/head-in-memory": (_req, res) => {
    res.writeHead(200);
    reached("head-in-memory");
  },
  "/head-flushed": (_req, res) => {
    res.writeHead(206);
    res.flushHeaders();
  },
  "/mid-body": (_req, res) => res.writeHead(500).write("some of it"),
  "/long-body": (_req, res) => res.end(LONG_BODY),
  "/long-stream": (_req, res) => {
    res.write(LONG_BODY);
    res.end();
  },
  "/destroyed-under-long-body": async (req, res) => {
    res.end(LONG_BODY);
    await ordered("destroy");
    req.socket.destroy();
  },
  "/waits": async (_req, res) => {
    reached("waits");
    await ordered("answer");
    res.end("ok");
  },
  "/upload": async (req, res) => {
    reached("upload");
    for await (const _ of req);
    res.end("thanks");
  },
  "/too-large": (_req, res) => res.writeHead(413).end("too large"),
  "/throws": () => {
    throw new Error("expected by the test");
  },
  "/throws-answered": (_req, res) => {
    const error = new Error("expected by the test");
    unanswered.set(error, res);
    throw error;
  },
  "/rejects": async () => {
    throw new Error("expected by the test");
  },
  "/rejects-answered": async (_req, res) => {
    const error = new Error("expected by the test");
    unanswered.set(error, res);
    throw error;
  },
  "/throws-after-answer": (_req, res) => {
    res.end("ok");
    throw new Error("expected by the test");
  },
  "/late-write": (_req, res) => {
    res.on("error", () => reached("late-write"));
    res.end("ok");
    res.write("too late");
  },
  "/declared": (req, res) => {
    const query = queryOf(req);
    if (query.get("hints") !== null) res.writeEarlyHints({ link: "</style.css>; rel=preload" });
    res.writeHead(Number(query.get("status") ?? 200), { "Content-Length": query.get("length") ?? 5 });
    res.flushHeaders();
    if (query.get("body") !== null) res.write(query.get("body"));
  },
  "/declared-long": (_req, res) => res.writeHead(200, { "content-length": LONG_BODY.length }).write(LONG_BODY),
  "/another-response": (req, res) => {
    res.detachSocket(req.socket);
    const another = new ServerResponse(req);
    another.assignSocket(req.socket);
    another.writeHead(418).end("teapot");
  },
  "/on-the-socket": (req) => req.socket.end("HTTP/1.1 418 Teapot\r\ncontent-length: 6\r\n\r\nteapot"),
  "/destroys-response": (_req, res) => res.destroy(),
  "/destroys-response-with-error": (_req, res) => {
    res.on("error", () => {});
    res.destroy(new Error("expected by the test"));
  },
  "/destroys-request-with-error": (req) => {
    req.on("error", () => {});
    req.destroy(new Error("expected by the test"));
  },
  "/destroys-socket-with-error": (req) => req.socket.destroy(new Error("expected by the test")),
  "/destroys-with-head-in-memory": (_req, res) => {
    res.on("error", () => {});
    res.writeHead(200);
    res.destroy(new Error("expected by the test"));
  },
  "/destroys-with": (req) => {
    const { status, ...fields } = Object.fromEntries(queryOf(req));
    req.socket.destroy(Object.assign(new Error("expected by the test"), fields, status && { status: Number(status) }));
  },
  "/destroys-when-told": async (_req, res) => {
    reached("destroys-when-told");
    res.on("error", () => {});
    await ordered("destroy with error");
    res.destroy(new Error("expected by the test"));
  },
  "/destroys-after-end-of-input": (req, res) => {
    res.on("error", () => {});
    req.socket.once("end", () => res.destroy(new Error("expected by the test")));
    reached("destroys-after-end-of-input");
  },
  "/times-out-socket": (req) => req.socket.setTimeout(20),
  "/times-out-response": (_req, res) => res.setTimeout(20, () => res.destroy()),
  "/times-out-in-vain": (_req, res) => res.setTimeout(20, () => reached("times-out-in-vain")),
  "/times-out-unread": (req, res) => {
    req.socket.setTimeout(100);
    res.end(LONG_BODY);
  },
  "/destroys-response-in-mid-body": async (_req, res) => {
    res.write("some of it");
    await ordered("destroy");
    res.destroy();
  },
  "/destroys-request": (req) => req.destroy(),
  "/destroys-socket": (req) => req.socket.destroy(),
  "/destroys-socket-in-mid-body": async (req, res) => {
    res.write("some of it");
    await ordered("destroy");
    req.socket.destroy();
  },
  "/destroyed-then-ended": (req, res) => {
    req.socket.destroy();
    res.end("nobody reads this");
  },
  "/destroyed-then-written": (req, res) => {
    req.socket.destroy();
    res.write(Buffer.from("nobody reads this"));
    res.end();
  },
  "/written-then-destroyed": (req, res) => {
    res.write("this never leaves the process");
    req.socket.destroy();
  },
  "/ended-then-destroyed": (req, res) => {
    res.end("ok");
    req.socket.destroy();
  },
  "/ended-calls-destroy": (req, res) => res.end("ok", () => req.socket.destroy()),
  "/hangs-up-politely": (req, res) => {
    res.writeHead(401, { connection: "close" }).end("no");
    req.socket.end();
  },
  "/status-after-head": (_req, res) => {
    res.writeHead(201);
    res.statusCode = 500;
    res.end("created");
  },
  "/status-in-mid-body": (_req, res) => {
    res.statusCode = 202;
    res.write("accepted");
    res.statusCode = 500;
    setImmediate(() => res.end());
  },
  "/informed": (_req, res) => {
    res.writeContinue();
    res.writeProcessing();
    res.writeEarlyHints({ link: "</style.css>; rel=preload" });
    res.writeHead(203).end("ok");
  },
  "/informed-only": (_req, res) => {
    res.writeEarlyHints({ link: "</style.css>; rel=preload" });
  },
  "/ended-after-end-of-input": (req, res) => {
    req.socket.once("end", () => setImmediate(() => res.end("is anybody there")));
    reached("ended-after-end-of-input");
  },
  "/replaced-end": (_req, res) => {
    const { end } = res;
    res.end = (...args) => {
      res.end = end;
      return res.end(...args);
    };
    res.end("ok");
  },
  "/replaced-write-head": (_req, res) => {
    const { writeHead } = res;
    res.writeHead = (_status, ...args) => writeHead.call(res, 418, ...args);
    res.end("I am a teapot");
  },
  "/no-listeners-left": (req) => {
    req.socket.removeAllListeners();
    req.socket.on("error", () => {});
    reached("no-listeners-left");
  },
  "/status": (req, res) => {
    res.writeHead(Number(queryOf(req).get("code"))).end("ok");
  },
};

function queryOf(req) {
  return new URL(req.url, "http://localhost").searchParams;
}

function handle(req, res) {
  const { pathname } = new URL(req.url, "http://localhost");
  return handlers[pathname](req, res);
}

function lastResort(error) {
  const res = unanswered.get(error);
  unanswered.delete(error);
  if (res !== undefined) res.writeHead(503).end("something went wrong");
  reached("last-resort");
}
process.on("uncaughtException", lastResort);
process.on("unhandledRejection", lastResort);

/**
 * Its patience is at an end so many milliseconds after a request has come, and a connection on which none has come yet is
 * given all the time that there is: by Node's clock it is late, too, where client and server are just not given the CPU.
 */
function impatientServer(timeouts) {
  const server = createServer({ connectionsCheckingInterval: 20 }, (req, res) => {
    Object.assign(server, timeouts);
    return handle(req, res);
  });
  return server.on("connection", () => Object.assign(server, PATIENT));
}
const PATIENT = { requestTimeout: 0, headersTimeout: 0, timeout: 0, keepAliveTimeout: 60_000 };

const servers = {
  main: createServer(handle),
  twin: createServer(handle),
  "half-open": Object.assign(createServer(handle), { httpAllowHalfOpen: true }),
  hasty: impatientServer({ requestTimeout: 200, headersTimeout: 200 }),
  curt: impatientServer({ requestTimeout: 200, headersTimeout: 200 }).on("clientError", (error, socket) =>
    socket.destroy(error),
  ),
  angry: createServer(handle).on("clientError", (_error, socket) => socket.destroy(new Error("expected by the test"))),
  // Node reads it as the next request of the connection begins
  idle: impatientServer({ timeout: 50 }),
  few: Object.assign(createServer(handle), { maxRequestsPerSocket: 1 }),
  closing: createServer(handle),
  draining: createServer(handle),
  "closing-all": createServer(handle),
  replaced: createServer(handle),
  // without a certificate: both ends know the key
  secure: createSecureServer(
    { pskCallback: () => Buffer.from("0123456789abcdef"), ciphers: "PSK", maxVersion: "TLSv1.2" },
    handle,
  ),
};

const { emit } = servers.replaced;
servers.replaced.emit = function replacedEmit(...args) {
  return emit.apply(this, args);
};

ordered("close").then(() => {
  servers.closing.close(() => reached("closed"));
  reached("closing");
});
ordered("drain").then(() => {
  servers.draining.close();
  reached("draining");
});
ordered("close all").then(() => {
  servers["closing-all"].closeAllConnections();
  reached("closed all");
});

const ports = await Promise.all(
  Object.entries(servers).map(async ([name, server]) => {
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    return [name, server.address().port];
  }),
);
const [[, main], ...others] = [...ports, ["orders", await listenForOrders()]];
console.log(`listening ${main} ${others.map(([name, port]) => `${name}=${port}`).join(" ")}`);
