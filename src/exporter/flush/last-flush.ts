/**
 * What has been counted since the last export, when the process ends.
 *
 * - SIGTERM and SIGINT that nobody handles: there is time, so the SDK flushes all there is, and then the signal ends the
 *   process as it would have.
 * - Nothing left to do, `process.exit()`, also in a handler of a signal, and an uncaught exception (`exit`): no promise is
 *   kept any more, so what is known at once is exported while the process waits. There is no listener to `beforeExit`: what
 *   it waited for would keep the process, and Node would call the application's own listeners once more.
 *
 * The exit code, the signal and the application's own handlers stay as they are.
 */
import { beforeUnhandledSignals } from "./unhandled-signals.ts";

/** A collector that is there answers in a fraction; one that hangs costs no more than this. */
const LONGEST_MS = 1000;

export interface LastFlush {
  /** Exports all there is. */
  flush(): Promise<void>;
  /** Exports what is known at once, and has done so, or given up after so many milliseconds, when it returns. */
  flushNow(longestMs: number): void;
}

/** Keeps the process until what is under way has succeeded, or failed, or for so many milliseconds. Never rejects. */
export async function inTime(underWay: Promise<void>, longestMs = LONGEST_MS): Promise<void> {
  let waiting: NodeJS.Timeout | undefined;
  // everything else of ours is unrefed, so without this timer the process would end now
  const deadline = new Promise<void>((resolve) => {
    waiting = globalThis.setTimeout(resolve, longestMs);
  });
  // a failure is reported by the exporter
  await Promise.race([underWay.catch(() => {}), deadline]);
  clearTimeout(waiting);
}

/** @param exportTimeoutMs an ending is not delayed by more than this, nor by more than a second */
export function beforeTheEnd({ flush, flushNow }: LastFlush, exportTimeoutMs: number): { stop(): void } {
  const longestMs = Math.min(LONGEST_MS, exportTimeoutMs);
  const onExit = () => {
    try {
      flushNow(longestMs);
    } catch {
      // an exception here would change the exit code
    }
  };
  process.once("exit", onExit);
  const signals = beforeUnhandledSignals(() => inTime(flush(), longestMs));
  return {
    stop() {
      process.off("exit", onExit);
      signals.stop();
    },
  };
}
