/**
 * What the preload does: as `startRed`, but nothing is thrown at the application.
 */

import { readLogLevel } from "./config/read-config.ts";
import { ConfigError } from "./config/red-config.ts";
import { reasonOf } from "./log/log.ts";
import { quietUntilServer, start } from "./start.ts";

export function preload(): void {
  if (isThreadOfNode()) return;
  try {
    start({}, (globalMeters) => globalMeters.giveInTime());
  } catch (error) {
    const reason = error instanceof ConfigError ? error.message : reasonOf(error);
    quietUntilServer(readLogLevel()).error(`${reason}. The application runs without metrics`);
  }
}

/**
 * Whether this is the thread in which Node runs `module.register()`'s hooks. What is preloaded runs there, too, and a hook
 * of ours would end the application: before Node 24.11 it cannot be combined with those in their thread.
 */
function isThreadOfNode(): boolean {
  // loading worker_threads replaces process.chdir; in a worker it has been disabled before
  if (!("disabled" in process.chdir)) return false;
  return process.getBuiltinModule("node:worker_threads").isInternalThread;
}
