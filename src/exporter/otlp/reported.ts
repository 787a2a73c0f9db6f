/**
 * A push exporter whose failures are told: when they begin, and when they are over, not at every interval.
 */
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import {
  type AggregationOption,
  AggregationTemporality,
  DataPointType,
  InstrumentType,
  type PushMetricExporter,
  type ResourceMetrics,
} from "@opentelemetry/sdk-metrics";
import type { Log } from "../../log/log.ts";
import { FAMILIES } from "../../view/red.ts";
import { remedyFor } from "./failures.ts";
import { withTracingSuppressed } from "./suppressed.ts";

/** An outage has few; a server that words each answer anew is not quoted for ever. */
const MOST_KINDS = 5;

export interface PushExporter extends PushMetricExporter {
  /** The export is over when this returns, or has been given up after so many milliseconds. Nothing of it is reported. */
  exportNow(metrics: ResourceMetrics, longestMs: number): void;
}

export class ReportedExporter implements PushExporter {
  readonly exportNow: PushExporter["exportNow"];
  readonly #exporter: PushMetricExporter;
  readonly #destination: string;
  readonly #log: Log;
  /** Kinds of failure since the last export that got through. */
  readonly #failures = new Set<string>();
  #exports = 0;
  /** Number of the youngest export that got through. */
  #succeeded = 0;
  /** Of the exports that failed since then, under delta temporality. */
  #lost = { exports: 0, requests: 0 };

  /** @param destination where the exports go, as the messages call it */
  constructor(exporter: PushMetricExporter, destination: string, log: Log, exportNow: PushExporter["exportNow"]) {
    this.#exporter = exporter;
    this.#destination = destination;
    this.#log = log;
    this.exportNow = exportNow;
  }

  export(metrics: ResourceMetrics, resultCallback: (result: ExportResult) => void): void {
    const number = ++this.#exports;
    withTracingSuppressed(() =>
      this.#exporter.export(metrics, (result) => {
        this.#report(result, metrics, number);
        resultCallback(result);
      }),
    );
  }

  forceFlush(): Promise<void> {
    return this.#exporter.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  selectAggregationTemporality(instrument: InstrumentType): AggregationTemporality {
    return this.#exporter.selectAggregationTemporality?.(instrument) ?? AggregationTemporality.CUMULATIVE;
  }

  selectAggregation(instrument: InstrumentType): AggregationOption {
    // every exporter of OpenTelemetry's has it, though the interface does not ask for it
    return (this.#exporter as Required<PushMetricExporter>).selectAggregation(instrument);
  }

  #report({ code, error }: ExportResult, metrics: ResourceMetrics, number: number): void {
    if (code === ExportResultCode.SUCCESS) {
      this.#succeeded = Math.max(this.#succeeded, number);
      if (this.#failures.size > 0) this.#log.warn(`exports to ${this.#destination} succeed again${this.#losses()}`);
      this.#failures.clear();
      this.#lost = { exports: 0, requests: 0 };
      return;
    }
    // left from an outage that is over: a younger one has told all that this one would have
    if (number < this.#succeeded && !this.#isDelta()) return;
    if (this.#isDelta()) {
      this.#lost.exports++;
      this.#lost.requests += requestsIn(metrics);
    }
    const reason = failureOf(error);
    if (this.#failures.has(reason) || this.#failures.size >= MOST_KINDS) return;
    this.#failures.add(reason);
    const remedy = error && remedyFor(error);
    const parts = [`exports to ${this.#destination} fail: ${reason}`, this.#consequence()];
    if (remedy !== undefined) parts.push(`This does not pass by itself: ${remedy}`);
    this.#log.error(parts.join(". "));
  }

  #isDelta(): boolean {
    return this.selectAggregationTemporality(InstrumentType.HISTOGRAM) === AggregationTemporality.DELTA;
  }

  #consequence(): string {
    return this.#isDelta()
      ? "What they would have told is lost; the next one is tried all the same"
      : "Counts are kept while the process runs, and the next export that succeeds has them; points in time until then are lost";
  }

  #losses(): string {
    const { exports, requests } = this.#lost;
    return this.#isDelta() ? `; lost are ${exports} exports, of ${requests} requests` : "";
  }
}

/** Incoming requests that an export tells. */
function requestsIn({ scopeMetrics }: ResourceMetrics): number {
  let requests = 0;
  for (const { descriptor, dataPointType, dataPoints } of scopeMetrics.flatMap(({ metrics }) => metrics)) {
    if (descriptor.name !== FAMILIES.requests.name || dataPointType !== DataPointType.SUM) continue;
    for (const { value } of dataPoints) requests += value;
  }
  return requests;
}

/** A server words its status line itself, and gRPC quotes what it has got in place of an answer. */
const LONGEST_REASON = 500;

/** How long each step took, and when: no two failures of gRPC have the same, of whatever kind. */
const GRPC_TIMES = / after \d+\.\d+s,.*$| \(\d{4}-\d\d-\d\dT[^)]*\)/gs;

/** Where a host name has several addresses the message is empty, and all there is to go by is the code. */
function failureOf(error: (Error & { code?: unknown }) | undefined): string {
  const message = (error?.message || error?.name || "").slice(0, LONGEST_REASON).replace(GRPC_TIMES, "");
  const code = error?.code;
  if (code === undefined) return message || "for no reason given";
  return message.includes(String(code)) ? message : `${message} (${code})`;
}
