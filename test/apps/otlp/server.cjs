// A server without a router. /stop closes it, and then there is nothing that keeps the process; OWN_TRACING=1 traces all
// that it asks, with an SDK of its own, and says the spans at its end.
const spans = process.env.OWN_TRACING ? require("./own-tracing.cjs") : undefined;
const { createServer } = require("node:http");

const statuses = { "/missing": 404, "/broken": 500 };

const server = createServer(async (request, response) => {
  if (request.url === "/stop") {
    response.setHeader("connection", "close");
    server.close();
  }
  if (request.url === "/ask") await ask();
  response.statusCode = statuses[request.url] ?? 200;
  response.end("ok");
});

/** A request of its own, over the module that the exporters use. */
function ask() {
  const { get } = require("node:http");
  return new Promise((resolve) => {
    get({ port: server.address().port, path: "/asked", agent: false }, (response) => {
      response.resume().once("end", resolve);
    });
  });
}

process.exitCode = Number(process.env.EXIT_CODE ?? 0);
process.on("exit", () => spans && console.log(`spans ${JSON.stringify(spans())}`));
server.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
