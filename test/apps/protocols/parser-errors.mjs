/** Servers to send to what is no HTTP: each deals with that in its own way. */
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import fastify from "fastify";
import { listen } from "./listen.mjs";

const onRequest = (request, response) => {
  if (request.url === "/silent") return;
  // the rest of the body comes when this is answered
  if (request.url === "/hasty") request.resume();
  response.end(`answered ${request.url}`);
};

const routed = fastify();
routed.get("/users/:id", async (request) => `user ${request.params.id}`);

const servers = {
  plain: createServer(onRequest),
  secure: createSecureServer(
    { pskCallback: () => Buffer.from("0123456789abcdef"), ciphers: "PSK", maxVersion: "TLSv1.2" },
    onRequest,
  ),
  // its patience with heads is at an end after some hundred milliseconds
  impatient: createServer({ headersTimeout: 200, requestTimeout: 300, connectionsCheckingInterval: 100 }, onRequest),
  teapot: createServer(onRequest).on("clientError", (_error, socket) => {
    socket.end("HTTP/1.1 418 I'm a Teapot\r\nconnection: close\r\n\r\n");
  }),
  thorough: createServer(onRequest).on("clientError", (error, socket) => {
    socket.write("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n", () => socket.destroy(error));
  }),
  mute: createServer(onRequest).on("clientError", (_error, socket) => socket.destroy()),
};

await listen({ ...servers, fastify: routed });
