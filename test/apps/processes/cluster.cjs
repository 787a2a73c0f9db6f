// A cluster of WORKERS that starts a worker again when one ends, and prints a line when all listen.
// SCHED=none lets the operating system distribute the connections. PRELOAD is a file that only the workers load.
// PRIMARY_SERVES gives the primary a server of its own; the line then has its port as well.
const cluster = require("node:cluster");
const { createServer } = require("node:http");
const deaths = require("./deaths.cjs");

const { WORKERS = "3", SCHED, PRELOAD, PRIMARY_SERVES, WORKER_FLAGS = "" } = process.env;

function startWorkers(ownPort) {
  let port;
  let listening = 0;
  cluster.on("listening", (_worker, address) => {
    port = address.port;
    if (++listening === Number(WORKERS)) console.log(`listening ${port}${ownPort ? ` ${ownPort}` : ""}`);
  });
  cluster.on("exit", () => cluster.fork());
  for (let i = 0; i < Number(WORKERS); i++) cluster.fork();
}

if (cluster.isPrimary) {
  if (SCHED === "none") cluster.schedulingPolicy = cluster.SCHED_NONE;
  cluster.setupPrimary({
    execArgv: [
      ...process.execArgv,
      ...WORKER_FLAGS.split(" ").filter(Boolean),
      ...(PRELOAD ? ["--require", PRELOAD] : []),
    ],
  });
  if (!PRIMARY_SERVES) startWorkers();
  else {
    const answer = require("./routes.cjs");
    const server = createServer(answer).listen(0, "127.0.0.1", () => startWorkers(server.address().port));
  }
} else {
  const server = createServer(require("./routes.cjs"));
  deaths.onSignals(() => cluster.worker.disconnect());
  server.listen(Number(process.env.PORT), "127.0.0.1");
}
