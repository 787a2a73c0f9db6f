// A primary that replaces its only worker by a new one at each SIGUSR2: the new one listens before the old one gets SIGTERM.
const cluster = require("node:cluster");
const { createServer } = require("node:http");

if (cluster.isPrimary) {
  let current;
  const next = () => {
    const worker = cluster.fork();
    worker.once("listening", ({ port }) => {
      current?.process.kill("SIGTERM");
      current = worker;
      console.log(`listening ${port}`);
    });
  };
  process.on("SIGUSR2", next);
  next();
} else {
  createServer(require("./routes.cjs")).listen(Number(process.env.PORT), "127.0.0.1");
}
