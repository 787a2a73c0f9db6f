/**
 * What has been counted since the last export, when the process comes to its natural end.
 *
 * Node has nothing left to do then, and says so (`beforeExit`): the only moment that leaves exit code, signals and the
 * application's own handlers as they are. `process.exit()`, a signal without a handler and an uncaught exception end
 * the process at once, as they would without us.
 */

/** A collector that is there answers in a fraction; one that hangs costs no more than this. */
const LONGEST_MS = 1000;

/** @param flush called once; the process waits for it, but no longer than a second */
export function beforeNaturalEnd(flush: () => Promise<void>): { stop(): void } {
  const onBeforeExit = () => {
    // everything else of ours is unrefed, so without this timer the process would end now
    const waiting = globalThis.setTimeout(() => {}, LONGEST_MS);
    void flush()
      .catch(() => {}) // reported by the exporter
      .finally(() => clearTimeout(waiting));
  };
  process.once("beforeExit", onBeforeExit);
  return { stop: () => void process.off("beforeExit", onBeforeExit) };
}
