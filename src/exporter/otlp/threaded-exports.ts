/**
 * OTLP exports by a thread of their own. Two things need one:
 *
 * - gRPC. A call that waits for its answer keeps a process alive until its deadline, and what does so, a timer and a session
 *   of `@grpc/grpc-js`, is out of reach, or is that of the application's own exports to the same collector. A thread
 *   is let go as a whole. It shares no connection with the application, whose tracing does not see it, either.
 * - the last export. In Node's `exit` event nothing asynchronous happens any more, in this thread.
 */
import type { Worker } from "node:worker_threads";
import type { Attributes } from "@opentelemetry/api";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import type { ResourceMetrics, ScopeMetrics } from "@opentelemetry/sdk-metrics";
import { mainScriptFile } from "../../config/main-script.ts";
import type { OtlpConfig } from "../../config/red-config.ts";
import { reasonOf } from "../../log/log.ts";
import { lateFileUrl } from "../../node/late.ts";
import { diag } from "../diag/diag.ts";
import { settledAttributes } from "../resource/resource.ts";

/** What the thread begins with: it gets a copy of each. */
export interface ThreadData {
  readonly config: OtlpConfig;
  /** The application's, beside which optional packages are looked for. */
  readonly mainScript: string;
}

export interface Export {
  readonly number: number;
  readonly resourceAttributes: Attributes;
  readonly scopeMetrics: readonly ScopeMetrics[];
  /** Of an export that is waited for: becomes 1 when it is over, well or not. There is no other answer then. */
  readonly over: Int32Array<SharedArrayBuffer> | undefined;
}

export type Answer = { readonly number: number; readonly failure: Failure | undefined } | { readonly warning: string };

/** An Error loses its code on its way between threads. */
interface Failure {
  readonly name: string;
  readonly message: string;
  readonly code: unknown;
}

export function failureOf(error: (Error & { readonly code?: unknown }) | undefined): Failure {
  const { name = "Error", message = "", code } = error ?? {};
  return { name, message, code };
}

type OnResult = (result: ExportResult) => void;

export class ThreadedExports {
  readonly #config: OtlpConfig;
  readonly #waiting = new Map<number, OnResult>();
  #worker: Worker | undefined;
  #exports = 0;

  constructor(config: OtlpConfig) {
    this.#config = config;
  }

  /** Otherwise it starts with the first export. @throws where threads are not allowed */
  start(): void {
    this.#running();
  }

  export(metrics: ResourceMetrics, onResult: OnResult): void {
    const number = ++this.#exports;
    this.#waiting.set(number, onResult);
    try {
      this.#post(metrics, number, undefined);
    } catch (error) {
      this.#finish(number, { code: ExportResultCode.FAILED, error: error as Error });
    }
  }

  /** The export is over when this returns, or has been given up after so many milliseconds. */
  exportNow(metrics: ResourceMetrics, longestMs: number): void {
    const over = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    this.#post(metrics, ++this.#exports, over);
    Atomics.wait(over, 0, 0, longestMs);
  }

  async stop(): Promise<void> {
    await this.#worker?.terminate();
  }

  #post({ resource, scopeMetrics }: ResourceMetrics, number: number, over: Export["over"]): void {
    const message: Export = {
      number,
      resourceAttributes: settledAttributes(resource),
      scopeMetrics: scopeMetrics.map(({ scope, metrics }) => ({ scope, metrics })),
      over,
    };
    const worker = this.#running();
    try {
      worker.postMessage(message);
    } catch {
      // an attribute of the application's holds what no other thread can have, such as a function
      worker.postMessage({ ...message, scopeMetrics: message.scopeMetrics.map(withPlainAttributes) });
    }
  }

  #running(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    // no earlier: Node replaces process.chdir when it loads this module
    const { Worker } = process.getBuiltinModule("node:worker_threads");
    const workerData: ThreadData = { config: this.#config, mainScript: mainScriptFile() };
    // without the application's flags: its preloads, and this one, are none of the thread's business
    const worker = new Worker(lateFileUrl("export-thread"), {
      workerData,
      execArgv: [],
      env: { ...process.env, ...this.#config.otlpVariables, NODE_OPTIONS: "" },
    });
    let reason = "";
    worker.on("message", (answer: Answer) => this.#onAnswer(answer));
    worker.on("error", (error) => {
      reason = `: ${reasonOf(error)}`;
    });
    worker.on("exit", () => {
      this.#worker = undefined;
      const error = new Error(`the thread of the exports has ended${reason}`);
      for (const number of [...this.#waiting.keys()]) this.#finish(number, { code: ExportResultCode.FAILED, error });
    });
    // not before: listening for messages is what would keep the process
    worker.unref();
    this.#worker = worker;
    return worker;
  }

  #onAnswer(answer: Answer): void {
    if ("warning" in answer) {
      diag.warn(answer.warning);
      return;
    }
    const { number, failure } = answer;
    if (failure === undefined) this.#finish(number, { code: ExportResultCode.SUCCESS });
    else this.#finish(number, { code: ExportResultCode.FAILED, error: Object.assign(new Error(), failure) });
  }

  #finish(number: number, result: ExportResult): void {
    const onResult = this.#waiting.get(number);
    this.#waiting.delete(number);
    onResult?.(result);
  }
}

function withPlainAttributes({ scope, metrics }: ScopeMetrics): ScopeMetrics {
  const plain = <T extends { readonly attributes: Attributes }>(point: T): T => ({
    ...point,
    attributes: JSON.parse(JSON.stringify(point.attributes)),
  });
  return {
    scope,
    metrics: metrics.map((metric) => ({ ...metric, dataPoints: metric.dataPoints.map(plain) }) as typeof metric),
  };
}
