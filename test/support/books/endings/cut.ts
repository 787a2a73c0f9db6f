/** Endings with the connection gone: before the head of the answer, or in mid-body. */
import assert from "node:assert/strict";
import { total } from "../../exposition.ts";
import { get, post } from "../wire.ts";
import { type Client, destroyedAfter, HEAD_END, leaveAfter, type Row, resetAt, untilHungUp } from "./row.ts";

export const ABORTED_BEFORE_HEAD: readonly Row[] = [
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

export const ABORTED_IN_MID_BODY: readonly Row[] = [
  {
    ending: "the head was flushed, and no body came",
    run: leaveAfter(get("/head-flushed"), HEAD_END),
    counted: { "GET 206 /head-flushed": 1 },
    aborted: { "GET /head-flushed": 1 },
  },
  ...[
    ["a byte is missing", "/declared?body=byte"],
    ["a byte is missing, and a head in front hides it", "/declared?hints&length=105&body=some"],
    ["no body has come", "/declared"],
  ].map(([what, path = ""]) => ({
    ending: `Content-Length, and ${what}`,
    run: leaveAfter(get(path), "HTTP/1.1 200"),
    counted: { "GET 200 /declared": 1 },
    aborted: { "GET /declared": 1 },
  })),
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
  ...["/long-body", "/long-stream", "/declared-long"].map((path) => ({
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
