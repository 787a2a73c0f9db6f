// Two cluster workers that share a port; each answers with its process id, and whether it is measured.
const cluster = require("node:cluster");
const { createServer } = require("node:http");

const WORKERS = 2;

if (cluster.isPrimary) {
  let ready = 0;
  for (let i = 0; i < WORKERS; i++) {
    cluster.fork().on("message", (port) => {
      if (++ready === WORKERS) console.log(`listening ${port}`);
    });
  }
} else {
  const server = createServer((_request, response) => {
    const isMeasured = Symbol.for("otel-red.running") in globalThis;
    response.setHeader("connection", "close").end(`${process.pid} ${isMeasured}`);
  });
  server.listen(0, "127.0.0.1", () => process.send(server.address().port));
}
