// A server of many paths; its parent asks for the bytes that its heap holds after a collection.
const { createServer } = require("node:http");

const server = createServer((request, response) => {
  response.statusCode = request.url.endsWith("7") ? 500 : 200;
  response.end("ok");
});
process.on("message", () => {
  globalThis.gc();
  process.send({ heapBytes: process.memoryUsage().heapUsed });
});
process.on("disconnect", () => process.exit());
server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));
