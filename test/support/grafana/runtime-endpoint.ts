/**
 * `--import`ed into an application: its runtime metrics on RUNTIME_METRICS_PORT of 127.0.0.1, by a server that is none of
 * node:http, so that its scrapes are no requests that RED counts, or leaves out.
 */
import { createServer } from "node:net";
import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { startRuntimeMetrics } from "../../../src/runtime/index.ts";

const reader = new PrometheusExporter({ preventServerStart: true });
startRuntimeMetrics(new MeterProvider({ readers: [reader] }));

const server = createServer((socket) => {
  socket.on("error", () => socket.destroy());
  socket.once("data", async () => {
    const { resourceMetrics } = await reader.collect();
    const exposition = new PrometheusSerializer(undefined, false, undefined, true, true).serialize(resourceMetrics);
    socket.end(`HTTP/1.0 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n\r\n${exposition}`);
  });
});
server.listen(Number(process.env.RUNTIME_METRICS_PORT), "127.0.0.1").unref();
