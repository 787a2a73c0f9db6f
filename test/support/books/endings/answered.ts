/** Endings with the answer sent, by the handler or by who answers for it. */
import { get, post } from "../wire.ts";
import { exchange, HEAD_END, leaveAfter, type Row, resetAt, untilHungUp } from "./row.ts";

export const SENT: readonly Row[] = [
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
  ...(
    [
      ["the body", "GET", 200, "/declared?body=bytes", "bytes"],
      ["no body", "GET", 200, "/declared?length=0", HEAD_END],
      ["the head of HEAD", "HEAD", 200, "/declared", HEAD_END],
      ["204", "GET", 204, "/declared?status=204", HEAD_END],
      ["304", "GET", 304, "/declared?status=304", HEAD_END],
    ] as const
  ).flatMap(([what, method, status, path, received]) => [
    {
      ending: `not ended yet, and the client leaves with all it knows of: ${what}`,
      run: leaveAfter(get(path, method), received),
      counted: { [`${method} ${status} /declared`]: 1 },
    },
    {
      ending: `the same, on a connection with an answer before: ${what}`,
      run: leaveAfter(get("/finished") + get(path, method), received, received === HEAD_END ? 2 : 1),
      counted: { "GET 200 /finished": 1, [`${method} ${status} /declared`]: 1 },
    },
  ]),
  {
    ending: "not ended yet, and the client resets the connection when it has all",
    run: async ({ open }) => {
      const wire = await open();
      await wire.send(get("/declared?body=bytes"));
      await wire.receives("bytes");
      await wire.reset();
    },
    counted: { "GET 200 /declared": 1 },
  },
  {
    ending: "not ended yet, after 100 Continue",
    run: async ({ open }) => {
      const wire = await open();
      await wire.send(post("/declared?body=bytes", 4, "expect: 100-continue\r\n"));
      await wire.receives("HTTP/1.1 100");
      await wire.send("body");
      await wire.receives("bytes");
      await wire.leave();
    },
    counted: { "POST 200 /declared": 1 },
  },
  {
    ending: "not ended yet, https",
    run: async ({ openSecurely }) => {
      const wire = await openSecurely();
      await wire.send(get("/declared?body=bytes"));
      await wire.receives("bytes");
      await wire.leave();
    },
    counted: { "GET 200 /declared": 1 },
  },
  {
    ending: "by another response than Node's",
    run: leaveAfter(get("/another-response"), "teapot"),
    counted: { "GET 418 /another-response": 1 },
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

export const THROWN: readonly Row[] = [
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
