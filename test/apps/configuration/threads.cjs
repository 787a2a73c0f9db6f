// A server in a thread that is given an environment of its own: ENVIRONMENTS has one for each thread, in JSON, the first for the
// one that starts the next. Variables of LATE are set before. ARGV has arguments for each thread. The server tells what its thread can see.
const { Worker, workerData } = require("node:worker_threads");

Object.assign(process.env, JSON.parse(process.env.LATE ?? "{}"));
const [env, ...more] = workerData ?? JSON.parse(process.env.ENVIRONMENTS);
if (env !== undefined) new Worker(__filename, { env, argv: JSON.parse(process.env.ARGV ?? "[]"), workerData: more });
else {
  const server = require("node:http").createServer((_request, response) => {
    const isRunning = globalThis[Symbol.for("otel-red.running")] !== undefined;
    response.end(JSON.stringify({ environment: process.env, isRunning }));
  });
  server.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
}
