// An HTTP server in a worker thread, and before it one in the main thread unless it is told `worker-only`; prints the
// ports of both. Each answers with its name, and whether it is measured.
const { createServer } = require("node:http");
const { isMainThread, parentPort, Worker } = require("node:worker_threads");

const RUNNING = Symbol.for("otel-red.running");

function serve(name, onPort) {
  const server = createServer((_request, response) => response.end(`${name} ${RUNNING in globalThis}`));
  server.listen(0, "127.0.0.1", () => onPort(server.address().port));
}

function startWorker(port) {
  new Worker(__filename).on("message", (workerPort) => console.log(`listening ${port ?? workerPort} ${workerPort}`));
}

/** The main thread is to be first at the endpoint's port. */
function whenServed(then) {
  if (globalThis[RUNNING].url) then();
  else setImmediate(whenServed, then);
}

if (!isMainThread) serve("worker", (port) => parentPort.postMessage(port));
else if (process.argv[2] === "worker-only") startWorker();
else serve("main", (port) => whenServed(() => startWorker(port)));
