/**
 * Process and runtime metrics: what a Prometheus user expects of a Node process, under the names, help texts, types and
 * labels of prom-client's default metrics, which dashboards are made for, and the event loop's utilisation beside them.
 *
 * Written here because no package gives them. @opentelemetry/instrumentation-runtime-node has other names, and nothing of
 * the process or of handles; host-metrics has other names and brings systeminformation. prom-client's own
 * collectDefaultMetrics, translated out of a registry of its own, is ten times the size, takes only the first of the
 * garbage collections that end in one turn of the event loop, begins the event loop's window anew whoever collects, and
 * cannot be stopped.
 */
import type { Meter, MeterProvider } from "@opentelemetry/api";
import { SCOPE } from "../view/scope.ts";
import { observeActive } from "./active.ts";
import { observeEventLoop } from "./event-loop.ts";
import { observeFileDescriptors } from "./file-descriptors.ts";
import { observeGarbageCollection } from "./garbage-collection.ts";
import { observeMemory } from "./memory.ts";
import type { Readers, Stop } from "./observe.ts";
import { observeProcess } from "./process.ts";

export interface RuntimeMetrics {
  /** Ends all monitors and takes the callbacks out of the provider. A second call does nothing. */
  stop(): void;
}

const SOURCES: readonly ((meter: Meter, readers: Readers) => Stop)[] = [
  observeProcess,
  observeMemory,
  observeFileDescriptors,
  observeEventLoop,
  observeActive,
  observeGarbageCollection,
];

/**
 * Starts to measure this process, or in a worker thread its event loop and heap and the process that it is part of.
 *
 * Values are read at collection. In between only the event loop's delay (every 10 ms, off JavaScript) and garbage
 * collections are followed. Nothing here keeps the process alive. What a platform does not have is left out.
 */
export function startRuntimeMetrics(meterProvider: MeterProvider, readers: Readers): RuntimeMetrics {
  const meter = meterProvider.getMeter(SCOPE.name, SCOPE.version);
  const stops = SOURCES.map((observe) => observe(meter, readers));
  return {
    stop() {
      for (const stop of stops.splice(0)) stop();
    },
  };
}
