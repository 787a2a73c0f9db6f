// An HTTP server in a worker thread, and one in the main thread unless it is told `worker-only`; prints the
// ports of both. Each answers with its name, and whether it is measured.
const { createServer } = require("node:http");
const { isMainThread, parentPort, Worker } = require("node:worker_threads");

function serve(onPort) {
  const server = createServer((_request, response) =>
    response.end(`${isMainThread ? "main" : "worker"} ${Symbol.for("otel-red.running") in globalThis}`),
  );
  server.listen(0, "127.0.0.1", () => onPort(server.address().port));
}

if (isMainThread) {
  const withWorker = (port) => {
    new Worker(__filename).on("message", (workerPort) => console.log(`listening ${port ?? workerPort} ${workerPort}`));
  };
  if (process.argv[2] === "worker-only") withWorker();
  else serve(withWorker);
} else {
  serve((port) => parentPort.postMessage(port));
}
