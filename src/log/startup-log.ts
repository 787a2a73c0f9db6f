/**
 * What is said of the configuration when otel-red starts, and when.
 */
import type { LogLevel } from "../config/otel-variables.ts";
import { ConfigError, type RedConfig } from "../config/red-config.ts";
import { onceServer } from "../node/listening.ts";
import { BufferedLog } from "./buffered-log.ts";
import { createLog, isWritten, type Log, reasonOf } from "./log.ts";

/** `NODE_OPTIONS` reaches npm, test runners and scripts, too: they need not hear what is wrong with our configuration. */
export function quietUntilServer(level: LogLevel): BufferedLog {
  // also where it cannot be told whether this is a server: it may well be one
  const log = new BufferedLog(createLog(level), () => void onceServer(release, release));
  const release = () => log.release();
  return log;
}

/** What is not as it was asked for, or may not be what was meant. */
export function sayOf({ warnings, exporters, logLevel }: RedConfig, log: Log): void {
  for (const warning of warnings) log.warn(warning);
  // the variable may be meant for the application's own SDK
  if (!exporters.includes("prometheus") && isWritten("info", logLevel)) {
    const [outcome, remedy] = exporters.includes("none")
      ? ["nothing is measured", "unset it, or name another exporter"]
      : ["there is no /metrics", "add prometheus to the list for it"];
    log.info(`OTEL_METRICS_EXPORTER=${exporters.join(",")}: ${outcome}; ${remedy}`);
  }
}

/** Bun has nothing that tells of a server. @see https://bun.com/docs/runtime/nodejs-apis */
export function sayUnsupported({ logLevel }: RedConfig): void {
  createLog(logLevel).warn(
    "Bun is not supported: its node:http does not publish the diagnostics channels by which requests are seen. " +
      "Nothing is measured; run the application with Node.js to have its metrics",
  );
}

/** @param names of variables that the application has set, and that are not obeyed */
export function sayTooLate(names: readonly string[], log: Log): void {
  if (names.length === 0) return;
  log.info(
    `${names.join(", ")}: set after otel-red has started, which is too late. ` +
      "Set before the process starts, or by node --env-file, it is obeyed",
  );
}

/** What is wrong, in words for whoever runs the application. */
export function whyOf(error: unknown): string {
  return error instanceof ConfigError ? error.message : reasonOf(error);
}
