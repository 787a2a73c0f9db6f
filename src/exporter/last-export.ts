/**
 * An OTLP export that is over when the call returns: by a thread of its own, for which this one waits.
 *
 * In Node's `exit` event nothing asynchronous happens any more, in this thread.
 */
import { fileURLToPath } from "node:url";
import type { Attributes } from "@opentelemetry/api";
import type { ScopeMetrics } from "@opentelemetry/sdk-metrics";
import { mainScript } from "../config/main-script.ts";
import type { OtlpConfig } from "./otlp.ts";

const isSource = import.meta.url.endsWith(".ts");
/** In `dist` as it is named in .build/build.ts. */
const THREAD = fileURLToPath(
  new URL(isSource ? "./last-export-thread.ts" : "./last-export-thread.cjs", import.meta.url),
);

/** What the thread is given: it gets a copy of each. */
export interface LastExport {
  readonly config: OtlpConfig;
  readonly resourceAttributes: Attributes;
  readonly scopeMetrics: readonly ScopeMetrics[];
  /** The application's, beside which optional packages are looked for. */
  readonly mainScript: string | undefined;
  readonly longestMs: number;
  /** Becomes 1 when the export is over, well or not. */
  readonly over: Int32Array<SharedArrayBuffer>;
}

export function exportNow(last: Omit<LastExport, "over" | "mainScript">): void {
  // no earlier: Node replaces process.chdir when it loads this module
  const { Worker } = process.getBuiltinModule("node:worker_threads");
  const over = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const workerData: LastExport = { ...last, over, mainScript: mainScript() };
  // without the application's flags: its preloads, and this one, are none of the thread's business
  new Worker(THREAD, { workerData, execArgv: [], env: { ...process.env, NODE_OPTIONS: "" } }).unref();
  Atomics.wait(over, 0, 0, last.longestMs);
}
