/** Upgrades and CONNECT, by hand and by the packages that most applications use. */
import { createServer, ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import fastifyWebsocket from "@fastify/websocket";
import express from "express";
import expressWs from "express-ws";
import fastify from "fastify";
import { Server as SocketIo } from "socket.io";
import { WebSocketServer } from "ws";
import { listen } from "./listen.mjs";

const SWITCHING = "HTTP/1.1 101 Switching Protocols\r\nupgrade: test\r\nconnection: upgrade\r\n\r\n";

/** Sockets that wait for `GET /accept`. */
const waiting = [];

/** By path: what is written on the socket. */
const byHand = {
  "/agreed": (_request, socket) => socket.write(SWITCHING),
  "/bytes": (_request, socket) => socket.write(Buffer.from(SWITCHING)),
  "/encoded": (_request, socket) => socket.write(Buffer.from(SWITCHING).toString("hex"), "hex"),
  "/pieces": (_request, socket) => {
    socket.write(SWITCHING.slice(0, 10));
    setImmediate(() => socket.write(SWITCHING.slice(10)));
  },
  "/corked": (_request, socket) => {
    socket.cork();
    socket.write(SWITCHING.slice(0, 10));
    socket.write(SWITCHING.slice(10));
    process.nextTick(() => socket.uncork());
  },
  "/interim": (_request, socket) => socket.write(`HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${SWITCHING}`),
  "/refused": (_request, socket) => socket.end("HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n"),
  "/by-response": (request, socket) => {
    const response = new ServerResponse(request);
    response.assignSocket(socket);
    response.writeHead(403, { connection: "close" });
    response.end("no", () => socket.end());
  },
  "/foreign": (_request, socket) => socket.write("welcome"),
  "/later": (_request, socket) => {
    // who does not read is not told that the other side has gone
    socket.resume().on("end", () => socket.end());
    waiting.push(socket);
  },
  "/destroyed": (_request, socket) => socket.destroy(),
  "/failed": (_request, socket) => socket.on("error", () => {}).destroy(new Error("expected by the test")),
  "/health": (_request, socket) => socket.write(SWITCHING),
  // CONNECT's target
  "allowed.test:443": (_request, socket) => {
    socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    socket.write("welcome");
  },
  "denied.test:443": (_request, socket) => socket.end("HTTP/1.1 403 Forbidden\r\n\r\n"),
};
const onUpgrade = (request, socket) => {
  socket.on("error", () => {});
  byHand[request.url](request, socket);
};

const onRequest = (request, response) => {
  if (request.url === "/accept") for (const socket of waiting.splice(0)) socket.write(SWITCHING);
  response.end(`answered ${request.url}`);
};

/** A listener that comes late, and goes again. */
const late = createServer((request, response) => {
  if (request.url === "/listen") late.on("upgrade", onUpgrade);
  if (request.url === "/unlisten") late.removeListener("upgrade", onUpgrade);
  if (request.url === "/unlisten-all") late.removeAllListeners("upgrade");
  response.end(`answered ${request.url}`);
});

const echo = (server, options) =>
  new WebSocketServer({ server, ...options }).on("connection", (socket) => {
    socket.on("message", (message) => socket.send(String(message)));
  });

const plain = createServer(onRequest);
echo(plain, { path: "/chat" });

const secure = createSecureServer(
  { pskCallback: () => Buffer.from("0123456789abcdef"), ciphers: "PSK", maxVersion: "TLSv1.2" },
  onRequest,
);
echo(secure);

const expressApp = express();
expressApp.get("/users/:id", (request, response) => response.send(`user ${request.params.id}`));
const expressServer = createServer(expressApp);
echo(expressServer);

const webSocketApp = express();
const webSocketServer = createServer(webSocketApp);
const { applyTo } = expressWs(webSocketApp, webSocketServer, { leaveRouterUntouched: true });
const onRoom = (socket, { params }) => socket.on("message", (message) => socket.send(`${params.room}: ${message}`));
webSocketApp.ws("/echo/:room", onRoom);
const rooms = express.Router();
applyTo(rooms);
rooms.ws("/rooms/:room", onRoom);
webSocketApp.use("/api", rooms);

const socketIo = createServer(onRequest);
new SocketIo(socketIo).on("connection", (socket) => {
  socket.on("ping", (answer) => answer("pong"));
});

const routed = fastify();
await routed.register(fastifyWebsocket);
routed.get("/rooms/:id", { websocket: true }, (socket, request) => {
  socket.on("message", (message) => socket.send(`${request.params.id}: ${message}`));
});
routed.get("/users/:id", async (request) => `user ${request.params.id}`);

const bare = fastify();
bare.get("/users/:id", async (request) => `user ${request.params.id}`);
echo(bare.server);

await listen({
  plain,
  hand: createServer(onRequest).on("upgrade", onUpgrade).on("connect", onUpgrade),
  none: createServer(onRequest),
  late,
  secure,
  express: expressServer,
  expressWs: webSocketServer,
  io: socketIo,
  fastify: routed,
  bare,
});
