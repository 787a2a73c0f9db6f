/** HTTP/2 by either of Node's APIs, in the plain and over TLS (where HTTP/1 is allowed, too), and a framework on it. */
import { createSecureServer, createServer } from "node:http2";
import express from "express4";
import fastify from "fastify";
import bridge from "http2-express-bridge";
import { requestHandlers, streamHandlers } from "./http2-handlers.mjs";
import { listen } from "./listen.mjs";

/** Without a certificate: both ends know the key. */
const TLS = {
  allowHTTP1: true,
  pskCallback: () => Buffer.from("0123456789abcdef"),
  ciphers: "PSK",
  maxVersion: "TLSv1.2",
};

const onStream = (stream, headers) => {
  const path = headers[":path"] ?? "/tunnel";
  // a reset is an error of the stream: without a listener it ends the process
  stream.on("error", () => {});
  streamHandlers[path](stream);
};
const onRequest = (request, response) => requestHandlers[request.url](request, response);

const routed = fastify({ http2: true, forceCloseConnections: true });
routed.get("/users/:id", async (request) => `user ${request.params.id}`);
routed.register(
  async (instance) => {
    instance.post("/orders", async (request, reply) => reply.code(201).send(request.body));
  },
  { prefix: "/api" },
);

// Express itself takes HTTP/1 only
const bridged = bridge(express);
const api = express.Router({ mergeParams: true });
api.get("/orders/:order", (request, response) => response.send(request.params));
bridged.get("/users/:id", (request, response) => response.send(`user ${request.params.id}`));
bridged.use("/api/:tenant", api);

const servers = {
  streams: createServer({ settings: { enableConnectProtocol: true } }).on("stream", onStream),
  compat: createServer(onRequest),
  secure: createSecureServer(TLS, onRequest),
  express: createSecureServer(TLS, bridged),
};

await listen({ ...servers, fastify: routed });
