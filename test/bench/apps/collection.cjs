/**
 * Collects process and runtime metrics by themselves, with so many connections open (the argument), and prints how many
 * milliseconds each of the last collections took, as JSON.
 */
const { once } = require("node:events");
const { connect, createServer } = require("node:net");
const { MeterProvider, MetricReader } = require("@opentelemetry/sdk-metrics");
const { startRuntimeMetrics } = require("../../../dist/runtime.cjs");

const WARM_UP = 50;
const COLLECTIONS = 20;

class Reader extends MetricReader {
  async onForceFlush() {}
  async onShutdown() {}
}

async function main(connections) {
  const server = createServer((socket) => socket.on("error", () => {})).listen(0, "127.0.0.1");
  await once(server, "listening");
  // each connection has two ends in this process
  for (let opened = 0; opened < connections; opened += 2) {
    await once(connect(server.address().port, "127.0.0.1"), "connect");
  }
  const reader = new Reader();
  startRuntimeMetrics(new MeterProvider({ readers: [reader] }), { exporters: ["only"], collecting: "only" });
  const timesMs = [];
  for (let count = 0; count < WARM_UP + COLLECTIONS; count++) {
    const startedAtMs = performance.now();
    await reader.collect();
    timesMs.push(performance.now() - startedAtMs);
    await new Promise((resolve) => setImmediate(resolve));
  }
  console.log(JSON.stringify(timesMs.slice(WARM_UP)));
  process.exit();
}

void main(Number(process.argv[2]));
