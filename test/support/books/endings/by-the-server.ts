/** Endings that the server brings about without the handler: what it answers by itself, and its close. */
import { get, post } from "../wire.ts";
import { exchange, HEAD_END, type Row, untilHungUp } from "./row.ts";

export const ANSWERED_BY_NODE: readonly Row[] = [
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
export const CLOSED: readonly Row[] = [
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
