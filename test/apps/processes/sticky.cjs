// A cluster whose workers never listen: `@socket.io/sticky` hands them the sockets that the primary's server accepts.
const cluster = require("node:cluster");
const { createServer } = require("node:http");
const { createRequire } = require("node:module");
const { join } = require("node:path");

const { setupMaster, setupWorker } = createRequire(join(__dirname, "../supervised/package.json"))("@socket.io/sticky");
const { WORKERS = "3" } = process.env;

if (cluster.isPrimary) {
  const server = createServer();
  cluster.setupPrimary({ serialization: "advanced" });
  setupMaster(server, { loadBalancingMethod: "round-robin" });
  cluster.on("exit", () => cluster.fork());
  let online = 0;
  cluster.on("message", () => {
    if (++online === Number(WORKERS))
      server.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
  });
  for (let i = 0; i < Number(WORKERS); i++) cluster.fork();
} else {
  const { Server } = require("socket.io");
  setupWorker(new Server(createServer(require("./routes.cjs"))));
  process.send("ready");
}
