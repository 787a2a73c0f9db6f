// Answers one request of its own, prints what can be found of otel-red in this process, and ends by itself. Asked to by
// SHUTDOWN, it has otel-red end first: what is exported in intervals is exported then.
const { hasSubscribers } = require("node:diagnostics_channel");
const { createServer, get, IncomingMessage, Server } = require("node:http");

const CHANNELS = [
  "http.server.request.start",
  "http.server.response.finish",
  "tracing:net.server.listen:asyncStart",
  "tracing:net.server.listen:asyncEnd",
  "fastify.initialization",
];

const running = () => globalThis[Symbol.for("otel-red.running")];
const symbolsOf = (object) =>
  Object.getOwnPropertySymbols(object)
    .map(String)
    .filter((name) => name.includes("otel-red"));

const server = createServer((request, response) => {
  const traces = {
    channels: CHANNELS.filter((channel) => hasSubscribers(channel)),
    accessors: ["route", "baseUrl"].filter((name) => name in IncomingMessage.prototype),
    symbols: [globalThis, request, request.socket].flatMap(symbolsOf),
    patched: Object.hasOwn(Server.prototype, "emit"),
    timers: process.getActiveResourcesInfo().filter((resource) => resource === "Timeout"),
  };
  response.end(JSON.stringify(traces));
});
server.listen(0, "127.0.0.1", () => {
  get({ port: server.address().port, path: "/users/1", agent: false }, async (response) => {
    console.log(Buffer.concat(await response.toArray()).toString());
    if (process.env.SHUTDOWN) await running()?.shutdown();
    server.close();
  });
});
