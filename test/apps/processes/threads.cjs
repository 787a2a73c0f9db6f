// POOLS of worker threads, THREADS in each. Each thread has a server on a port of its own. The line has the ports of all threads,
// and first that of the main thread, which answers `/ports`, and `/terminate?port=` by `worker.terminate()`. With
// MAIN=idle the main thread has no server. A thread that ends is started again.
const { createServer } = require("node:http");
const { isMainThread, parentPort, Worker } = require("node:worker_threads");
const answer = require("./routes.cjs");

const { POOLS = "1", THREADS = "2", MAIN } = process.env;
const workers = new Map();

function startThread(onListening) {
  const worker = new Worker(__filename, { resourceLimits: { maxOldGenerationSizeMb: 48 } });
  worker.on("message", (port) => {
    workers.set(port, worker);
    onListening?.();
  });
  worker.on("error", () => {});
  worker.on("exit", () => {
    for (const [port, each] of workers) if (each === worker) workers.delete(port);
    startThread();
  });
}

function startPools(print) {
  const all = Number(POOLS) * Number(THREADS);
  for (let i = 0; i < all; i++) startThread(() => workers.size === all && print([...workers.keys()].join(" ")));
}

function control(request, response) {
  const { pathname, searchParams } = new URL(request.url, "http://localhost");
  if (pathname === "/terminate") workers.get(Number(searchParams.get("port")))?.terminate();
  else if (pathname !== "/ports") return answer(request, response);
  response.setHeader("connection", "close").setHeader("x-process", `${process.pid}.0`);
  response.end([...workers.keys()].join(" "));
}

if (!isMainThread) {
  const server = createServer(answer).listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
} else if (MAIN) {
  startPools((ports) => console.log(`listening ${ports}`));
} else {
  const server = createServer(control).listen(0, "127.0.0.1", () => {
    startPools((ports) => console.log(`listening ${server.address().port} ${ports}`));
  });
}
