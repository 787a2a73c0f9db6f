/** The thread that exports (see threaded-exports.ts). */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { PushMetricExporter } from "@opentelemetry/sdk-metrics";
import type { Log } from "../../log/log.ts";
import { type Answer, type Export, failureOf, type ThreadData } from "./threaded-exports.ts";

const { config, mainScript } = workerData as ThreadData;
const port = parentPort as MessagePort;
const answer = (message: Answer) => port.postMessage(message);

const warn = (warning: string) => answer({ warning });
const log: Log = { error: warn, warn, info: () => {} };

// of a collector that is named by its address: nothing that whoever runs the application could do about it
process.noDeprecation = true;
process.argv[1] = mainScript;
const exporter: Promise<PushMetricExporter> = import("./otlp.ts").then(({ createExporterHere }) =>
  createExporterHere(config, log),
);
// told to whoever asks for an export
exporter.catch(() => {});

port.on("message", async ({ number, resourceAttributes, scopeMetrics, over }: Export) => {
  const onResult = ({ code, error }: ExportResult) => {
    if (over !== undefined) {
      Atomics.store(over, 0, 1);
      Atomics.notify(over, 0);
    } else {
      answer({ number, failure: code === ExportResultCode.SUCCESS ? undefined : failureOf(error) });
    }
  };
  try {
    const resource = resourceFromAttributes(resourceAttributes);
    (await exporter).export({ resource, scopeMetrics: [...scopeMetrics] }, onResult);
  } catch (error) {
    onResult({ code: ExportResultCode.FAILED, error: error as Error });
  }
});
