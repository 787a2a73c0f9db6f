/**
 * Measures itself by the built runtime metrics, and prints one line of JSON: the families of one collection by name.
 * What is asked for is the argument: `collect`, `stop` before there is any, `worker` to do it in a worker thread,
 * `bare` to do it where there is neither /proc nor what Node.js does not document.
 */
const { MeterProvider, MetricReader } = require("@opentelemetry/sdk-metrics");
const { isMainThread, parentPort, Worker } = require("node:worker_threads");

class TestReader extends MetricReader {
  async onForceFlush() {}
  async onShutdown() {}
}

async function main(asked) {
  if (asked === "worker" && isMainThread) {
    new Worker(__filename, { argv: [asked] }).once("message", (line) => console.log(line));
    return;
  }
  if (asked === "bare") {
    Object.defineProperty(process, "platform", { value: "darwin" });
    delete process._getActiveHandles;
    delete process._getActiveRequests;
  }
  const { startRuntimeMetrics } = require("../../../dist/runtime.cjs");
  const reader = new TestReader();
  const runtime = startRuntimeMetrics(new MeterProvider({ readers: [reader] }), {
    exporters: ["only"],
    collecting: "only",
  });
  const active = { resources: process.getActiveResourcesInfo(), handles: process._getActiveHandles?.().length };
  if (asked === "stop") runtime.stop();
  const { resourceMetrics, errors } = await reader.collect();
  const families = resourceMetrics.scopeMetrics.flatMap(({ metrics }) =>
    metrics.map(({ descriptor }) => descriptor.name),
  );
  const line = JSON.stringify({ families, errors: errors.map(String), active });
  if (isMainThread) console.log(line);
  else parentPort.postMessage(line);
}

void main(process.argv[2]);
