// Closes its stderr, then has otel-red say something.
const { closeSync } = require("node:fs");
const { createServer, get } = require("node:http");

if (process.argv[2] === "close") closeSync(2);
const server = createServer((_request, response) => response.end("ok")).listen(0, "127.0.0.1", () => {
  get({ port: server.address().port, agent: false }, async (response) => {
    console.log(Buffer.concat(await response.toArray()).toString());
    server.close();
  });
});
