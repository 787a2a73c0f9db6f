/** HTTP/2 by either of Node's APIs, in the plain and over TLS (where HTTP/1 is allowed, too), and a framework on it. */
import { createSecureServer, createServer } from "node:http2";
import fastify from "fastify";
import { requestHandlers, streamHandlers } from "./http2-handlers.mjs";

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

const servers = {
  streams: createServer({ settings: { enableConnectProtocol: true } }).on("stream", onStream),
  compat: createServer(onRequest),
  secure: createSecureServer(
    {
      allowHTTP1: true,
      pskCallback: () => Buffer.from("0123456789abcdef"),
      ciphers: "PSK",
      maxVersion: "TLSv1.2",
    },
    onRequest,
  ),
};

const ports = [];
for (const [name, server] of Object.entries(servers)) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  ports.push([name, server.address().port]);
}
await routed.listen({ port: 0, host: "127.0.0.1" });
ports.push(["fastify", routed.server.address().port]);
console.log(`listening ${ports[0][1]}${ports.map(([name, port]) => ` ${name}=${port}`).join("")}`);
