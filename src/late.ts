/**
 * Loads, synchronously, one of the files that the build makes beside the preload (see .build/build.ts).
 *
 * Where a promise would do, a dynamic import is how the others are loaded. Here the application is waiting: its next line
 * counts something, or takes `request` out of `node:http`, or its configuration is being read.
 */
import { createRequire } from "node:module";

const isSource = import.meta.url.endsWith(".ts");

function requireFromHere(file: string) {
  return createRequire(import.meta.url)(file);
}

export function loadExporters(): typeof import("./exporter/index.ts") {
  return requireFromHere(isSource ? "./exporter/index.ts" : "./exporter.cjs");
}

export function loadClientMetrics(): typeof import("./instrumentation/client.ts") {
  return requireFromHere(isSource ? "./instrumentation/client.ts" : "./client.cjs");
}

export function loadGlobs(): typeof import("./globs.ts") {
  return requireFromHere(isSource ? "./globs.ts" : "./globs.cjs");
}
