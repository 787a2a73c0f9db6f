/**
 * The files that the build makes beside the preload, and how they are loaded when they are needed.
 *
 * Everything in the preload's own file is compiled at each start, also in front of npm and scripts. So code that only some
 * processes need has a file of its own: `dist/<name>.cjs`, made from the source named here (scripts/build.ts).
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

/** Source below `src/`, by the name of the built file. */
export const LATE_FILES = {
  exporter: "exporter/index.ts",
  otlp: "exporter/otlp/otlp.ts",
  "export-thread": "exporter/otlp/export-thread.ts",
  "other-hosts": "exporter/resource/other-hosts.ts",
  stock: "instrumentation/stock.ts",
  client: "instrumentation/client/client-metrics.ts",
  runtime: "runtime/index.ts",
  globs: "config/globs.ts",
  "check-pattern": "config/check-pattern.ts",
} as const;

export type LateFile = keyof typeof LATE_FILES;

const isSource = import.meta.url.endsWith(".ts");

/** Where the file is: in `dist`, or among the sources when they run unbuilt. */
export function lateFileUrl(name: LateFile): URL {
  return new URL(isSource ? `../${LATE_FILES[name]}` : `./${name}.cjs`, import.meta.url);
}

/**
 * Loads the file synchronously, for callers that cannot wait: the application's next line counts something, or takes
 * `request` out of `node:http`. Where a promise will do, a dynamic import of the source does the same.
 *
 * @returns the exports of the file; `Exports` is `typeof import("…")` of its source
 */
export function loadLate<Exports>(name: LateFile): Exports {
  return createRequire(import.meta.url)(fileURLToPath(lateFileUrl(name))) as Exports;
}
