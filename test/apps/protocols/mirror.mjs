/** Serves over HTTP/2 and WebSocket, and prints what an application can see of it; then it has nothing more to do. */
import { once } from "node:events";
import { createServer } from "node:http";
import { connect, createServer as createHttp2Server } from "node:http2";
import { WebSocket, WebSocketServer } from "ws";

/** Listeners by event. */
const counts = (emitter) =>
  Object.fromEntries(
    emitter
      .eventNames()
      .map((name) => [String(name), emitter.listenerCount(name)])
      .sort(),
  );
/** What `for … in` and JSON see, and what only looks. */
const keys = (object) => ({ enumerable: Object.keys(object), own: Object.getOwnPropertyNames(object).sort() });
/** How deep in other functions the application's own is called. */
const depth = () => new Error().stack.split("\n").map((line) => line.replaceAll(/:\d+/g, ""));

const seen = { warnings: [] };
process.on("warning", ({ message }) => seen.warnings.push(message));

const http2 = createHttp2Server();
http2.on("stream", (stream, headers) => {
  seen.stream = { keys: keys(stream), stack: depth(), headers: Object.keys(headers) };
  stream.respond({ ":status": 200 });
  stream.end("streamed");
});
http2.on("session", (session) => {
  seen.session = { keys: keys(session), socket: keys(session.socket) };
});
http2.listen(0, "127.0.0.1");
await once(http2, "listening");
const session = connect(`http://127.0.0.1:${http2.address().port}`);
const stream = session.request({ ":path": "/users/1" }).setEncoding("utf8");
seen.streamed = "";
for await (const text of stream) seen.streamed += text;
session.close();
await once(session, "close");
seen.http2 = counts(http2);

const http = createServer((_request, response) => response.end("answered"));
http.on("upgrade", (_request, socket) => {
  seen.upgrade = { stack: depth(), listeners: counts(socket) };
});
const webSockets = new WebSocketServer({ server: http });
webSockets.on("connection", (socket, request) => {
  seen.socket = { keys: keys(request.socket), listeners: counts(request.socket) };
  socket.on("message", (message) => socket.send(`heard ${message}`));
});
http.listen(0, "127.0.0.1");
await once(http, "listening");
const client = new WebSocket(`ws://127.0.0.1:${http.address().port}/chat`);
await once(client, "open");
client.send("hello");
seen.heard = String((await once(client, "message"))[0]);
client.close();
await once(client, "close");
seen.http = counts(http);

const startedAtMs = performance.now();
webSockets.close();
for (const server of [http, http2]) {
  server.close();
  await once(server, "close");
}
seen.closedInTime = performance.now() - startedAtMs < 5000;
console.log(JSON.stringify(seen));
