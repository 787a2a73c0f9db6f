/** The thread of the last export (see last-export.ts). */
import { workerData } from "node:worker_threads";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { createLog } from "../log.ts";
import type { LastExport } from "./last-export.ts";

const { config, resourceAttributes, scopeMetrics, mainScript, longestMs, over } = workerData as LastExport;

const finish = () => {
  Atomics.store(over, 0, 1);
  Atomics.notify(over, 0);
};

async function run(): Promise<void> {
  const { createOtlpExporter } = await import("./otlp.ts");
  // what can be said of the configuration has been said at the start
  const exporter = createOtlpExporter(config, createLog("none"));
  const resource = resourceFromAttributes(resourceAttributes);
  exporter.export({ resource, scopeMetrics: [...scopeMetrics] }, finish);
}

if (mainScript !== undefined) process.argv[1] = mainScript;
// the exporter's own timers and sockets keep no thread alive
globalThis.setTimeout(() => {}, longestMs);
run().catch(finish);
