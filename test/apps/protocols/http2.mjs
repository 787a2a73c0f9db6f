/** HTTP/2 by either of Node's APIs, in the plain and over TLS (where HTTP/1 is allowed, too), and frameworks on it. */
import { createSecureServer, createServer } from "node:http2";
import { getRequestListener } from "@hono/node-server";
import Router from "@koa/router";
import connect from "connect";
import express from "express4";
import fastify from "fastify";
import { H3, toNodeHandler } from "h3";
import { Hono } from "hono";
import bridge from "http2-express-bridge";
import Koa from "koa";
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

const mounts = connect();
mounts.use("/users", (_request, response) => response.end("of connect"));

const koaRoutes = new Router().get("/users/:id", (ctx) => {
  ctx.body = "of Koa";
});
const koa = new Koa().use(koaRoutes.routes());
const hono = new Hono().get("/users/:id", (c) => c.text("of Hono"));
const h3 = new H3().get("/users/:id", () => "of h3");

const servers = {
  streams: createServer({ settings: { enableConnectProtocol: true } }).on("stream", onStream),
  compat: createServer(onRequest),
  secure: createSecureServer(TLS, onRequest),
  express: createSecureServer(TLS, bridged),
  connect: createServer(mounts),
  koa: createServer(koa.callback()),
  // the global Response that it would put there takes h3's statuses away
  hono: createServer(getRequestListener(hono.fetch, { overrideGlobalObjects: false })),
  h3: createServer(toNodeHandler(h3)),
};

await listen({ ...servers, fastify: routed });
