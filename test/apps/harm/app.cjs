// An Express and a Fastify application on two ports, which help to break otel-red, and tell what is left of it.
const { channel, hasSubscribers } = require("node:diagnostics_channel");
const { createServer } = require("node:http");
const express = require("express");
const fastify = require("fastify");

const CHANNELS = [
  "http.server.request.start",
  "http.server.response.finish",
  "tracing:net.server.listen:asyncStart",
  "tracing:net.server.listen:asyncEnd",
  "fastify.initialization",
];

const app = express();
const users = express.Router().get("/:id", (request, response) => response.send(`user ${request.params.id}`));
app.use("/users", users);
app.get("/sabotage", (_request, response) => {
  globalThis.sabotaged = true;
  response.send("sabotaged");
});
app.get("/repair", (_request, response) => {
  globalThis.sabotaged = false;
  response.send("repaired");
});
app.get("/never", () => {});
app.get("/hostile-route", (request, response) => {
  let reads = 0;
  request.route = {
    get path() {
      if (reads++ > 0) throw new Error("sabotaged");
      return "/x";
    },
  };
  response.send("answered");
});
app.get("/hostile-next", (request, response) => {
  Object.defineProperty(request, "next", {
    configurable: true,
    get() {
      throw new Error("sabotaged");
    },
  });
  request.baseUrl = "/x";
  response.send("answered");
});
app.get("/hostile-message", (_request, response) => {
  channel("fastify.initialization").publish({
    get fastify() {
      throw new Error("sabotaged");
    },
  });
  response.send("answered");
});
app.get("/second-server", (_request, response) => {
  const second = createServer().listen(0, "127.0.0.1", () => {
    second.close();
    response.send("answered");
  });
});
app.get("/traces", (_request, response) => {
  response.json({
    channels: CHANNELS.filter((name) => hasSubscribers(name)),
    running: Symbol.for("otel-red.running") in globalThis,
  });
});

const other = fastify();
other.get("/users/:id", async (request) => `user ${request.params.id}`);

const server = app.listen(0, "127.0.0.1", () => {
  other.listen({ port: 0, host: "127.0.0.1" }, () => {
    console.log(`listening ${server.address().port} ${other.server.address().port}`);
  });
});
