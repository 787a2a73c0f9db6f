/**
 * Counts the steps that otel-red takes for requests which one client sends at once: how often V8 runs each block of its
 * code. Prints them as JSON, by scenario, for a number of requests and for twice as many.
 * https://chromedevtools.github.io/devtools-protocol/v8/Profiler/#method-startPreciseCoverage
 */
import { once } from "node:events";
import { createServer } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import { Session } from "node:inspector/promises";
import { connect } from "node:net";
import express from "express";
import fastify from "fastify";

const REQUESTS = 200;

const session = new Session();
session.connect();
await session.post("Profiler.enable");
await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });

/** Since it was asked last. */
async function steps() {
  const { result } = await session.post("Profiler.takePreciseCoverage");
  return result
    .filter(({ url }) => url.includes("/dist/"))
    .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges.map(({ count }) => count)))
    .reduce((sum, count) => sum + count, 0);
}

/** Resolves when the handlers have been called this often since it was asked last. */
let calls = 0;
let onCall = () => {};
function called() {
  calls++;
  onCall();
}
async function handled(count) {
  while (calls < count) {
    await new Promise((resolve) => {
      onCall = resolve;
    });
  }
  calls = 0;
}

const silent = () => called();
/** Answers when all are there: each is looked for among all. */
function together(count) {
  const responses = [];
  return (_request, response) => {
    called();
    responses.push(response);
    if (responses.length === count) for (const each of responses) each.end("ok");
  };
}

async function listening(server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server.address().port;
}

async function pipelined(server, count, lastRequest = "") {
  const closed = new Promise((resolve) => {
    server.on("connection", (socket) => socket.on("close", resolve));
  });
  const client = connect(await listening(server), "127.0.0.1").on("error", () => {});
  client.resume().write("GET /a/1 HTTP/1.1\r\nhost: h\r\n\r\n".repeat(count) + lastRequest);
  await handled(count);
  client.destroy();
  await closed;
  server.close();
}

async function streams(handler, count) {
  const server = createHttp2Server({ settings: { maxConcurrentStreams: count } }, handler);
  const client = connectHttp2(`http://127.0.0.1:${await listening(server)}`).on("error", () => {});
  await once(client, "remoteSettings");
  for (let i = 0; i < count; i++)
    client
      .request({ ":path": `/a/${i}` })
      .on("error", () => {})
      .resume();
  await handled(count);
  const closed = once(server, "close");
  server.close();
  client.destroy();
  await closed;
}

function expressServer(handler) {
  const router = express.Router().get("/:id", handler);
  return createServer(express().use("/a", router));
}

async function fastifyServer(handler) {
  const app = fastify({ forceCloseConnections: true });
  app.addHook("onRequest", async () => {});
  app.get("/a/:id", (request, reply) => {
    reply.hijack();
    handler(request.raw, reply.raw);
  });
  await app.ready();
  return app.server;
}

const SCENARIOS = {
  "no answer": (count) => pipelined(createServer(silent), count),
  "answers when all are there": (count) => pipelined(createServer(together(count)), count),
  "no answer, Express": (count) => pipelined(expressServer(silent), count),
  "no answer, Fastify": async (count) => pipelined(await fastifyServer(silent), count),
  "an upgrade behind": (count) =>
    pipelined(
      createServer(silent).on("upgrade", (_request, socket) => socket.destroy()),
      count,
      "GET / HTTP/1.1\r\nhost: h\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n",
    ),
  "garbage behind": (count) => pipelined(createServer(silent), count, "garbage\r\n\r\n"),
  "streams, no answer": (count) => streams(silent, count),
  "streams, answers when all are there": (count) => streams(together(count), count),
};

const counted = {};
for (const [name, run] of Object.entries(SCENARIOS)) {
  await run(10); // what is done once
  await steps();
  await run(REQUESTS);
  const once = await steps();
  await run(2 * REQUESTS);
  counted[name] = [once, await steps()];
}
console.log(JSON.stringify(counted));
process.exit();
