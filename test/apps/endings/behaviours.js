/**
 * Everything that a service may do with a request, by method and route: served on node:http and on Express alike, and the
 * client knows what each comes to. `id` is the last segment of the path.
 */
import { reached } from "./stages.js";

/** Both sides of a connection cannot buffer so much. */
const LONG_BODY = Buffer.alloc(16 * 1024 * 1024, "x");

/** Longer than any process is kept waiting: a client's next request finds the connection that it has kept. */
export const KEEP_ALIVE_MS = 60_000;

const answer = (status, text) => (_req, res) => {
  res.writeHead(status);
  res.end(text);
};

async function readAll(req, res) {
  try {
    for await (const _ of req);
  } catch {
    return; // the client has gone
  }
  res.writeHead(201);
  res.end("made");
}

export const BEHAVIOURS = {
  "GET /items/:id": answer(200, "item"),
  "PUT /items/:id": answer(200, "put"),
  "DELETE /items/:id": answer(204),
  "GET /unchanged/:id": answer(304),
  "POST /orders": readAll,
  "GET /fails": answer(500, "failed"),
  "GET /busy": answer(503, "busy"),
  "GET /health": answer(200, "healthy"),
  /** Answers after so many milliseconds. */
  "GET /slow/:id": (_req, res, id) => {
    setTimeout(() => res.end("slow"), Number(id));
  },
  "GET /streams/:id": (_req, res, id) => {
    let chunks = Number(id);
    (function next() {
      if (chunks-- === 0) res.end();
      else res.write("chunk", () => setImmediate(next));
    })();
  },
  "GET /events": (_req, res) => {
    res.writeHead(200, { "content-type": "text/event-stream" });
    res.write("data: 1\n\n");
  },
  /** Never answers. */
  "GET /waits/:id": (_req, _res, id) => reached(`waits ${id}`),
  "GET /head-in-memory/:id": (_req, res, id) => {
    res.writeHead(200);
    reached(`head ${id}`);
  },
  "GET /partial": (_req, res) => {
    res.writeHead(206);
    res.write("some of it");
  },
  "GET /partial-failure": (_req, res) => {
    res.writeHead(500);
    res.write("some of it");
  },
  "GET /long": answer(200, LONG_BODY),
  "POST /uploads/:id": (req, res, id) => {
    reached(`upload ${id}`);
    return readAll(req, res);
  },
  "POST /too-large": answer(413, "too large"),
  "GET /destroys": (req) => req.socket.destroy(),
  "GET /destroyed-then-ended": (req, res) => {
    req.socket.destroy();
    res.end("nobody reads this");
  },
  "GET /destroys-in-mid-body": (req, res) => {
    res.write("some of it", () => setImmediate(() => req.socket.destroy()));
  },
};

export const NOT_FOUND = answer(404, "not found");
