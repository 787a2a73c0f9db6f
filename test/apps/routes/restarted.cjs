/** Starts otel-red by itself, stops it after its first request, and starts it again. */
const { once } = require("node:events");
const express = require("express");
const { startRed } = require("../../../dist/index.cjs");

async function serve() {
  const app = express();
  app.get("/people/:name", (_req, res) => res.send("ok"));
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

(async () => {
  const environment = { ...process.env, OTEL_LOG_LEVEL: "error" };
  const first = startRed({ environment });
  const server = await serve();
  await (await fetch(`http://127.0.0.1:${server.address().port}/people/bob`)).text();
  await first.shutdown();
  server.closeAllConnections();
  server.close();

  startRed();
  console.log(`listening ${(await serve()).address().port}`);
})();
