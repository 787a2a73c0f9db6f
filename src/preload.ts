/**
 * What the preload does: as `startRed`, but nothing is thrown at the application.
 */

import { readLogLevel } from "./config/read-config.ts";
import { quietUntilServer, whyOf } from "./log/startup-log.ts";
import { threadModule } from "./node/thread-module.ts";
import { start } from "./start.ts";

export function preload(): void {
  // Where Node runs the hooks of `module.register()`, what is preloaded runs, too. A hook of ours would end the application:
  // before Node 24.11 it cannot be combined with those in their thread.
  if (threadModule()?.isInternalThread) return;
  try {
    start({}, (globalMeters) => globalMeters.giveInTime());
  } catch (error) {
    quietUntilServer(readLogLevel()).error(`${whyOf(error)}. The application runs without metrics`);
  }
}
