/**
 * Loads, synchronously, one of the files that the build makes beside the preload (see .build/build.ts).
 *
 * Where a promise would do, a dynamic import is how the others are loaded. Here the application is waiting: its next line
 * counts something, or takes `request` out of `node:http`.
 */
import { createRequire } from "node:module";

const requireFromHere = createRequire(import.meta.url);
const isSource = import.meta.url.endsWith(".ts");

export function loadExporters(): typeof import("./exporter/index.ts") {
  return requireFromHere(isSource ? "./exporter/index.ts" : "./exporter.cjs");
}

export function loadClientMetrics(): typeof import("./instrumentation/client.ts") {
  return requireFromHere(isSource ? "./instrumentation/client.ts" : "./client.cjs");
}
