/**
 * The signals that end a process which does not handle them, and a moment before they do.
 *
 * Node has no such moment: a listener is the only way to hear of a signal, and it takes the place of the default. So ours
 * is there only while the application has none, and raises the signal again. What remains is that a process that
 * never comes back to its event loop is no longer ended by these signals, only by SIGKILL; so Ctrl+C in a terminal, the
 * way out of a loop that somebody is debugging, stays Node's.
 */
import type { EventEmitter } from "node:events";

const STDIN = 0;

/** @param before called once for a signal; never rejects. A second signal does not wait for it. */
export function beforeUnhandledSignals(before: () => Promise<void>): { stop(): void } {
  // loaded only where something is pushed
  const { isatty } = process.getBuiltinModule("node:tty");
  const signals: NodeJS.Signals[] = isatty(STDIN) ? ["SIGTERM"] : ["SIGTERM", "SIGINT"];
  const listeners = new Map<unknown, () => void>();
  for (const signal of signals) {
    listeners.set(signal, async () => {
      stop();
      await before();
      process.kill(process.pid, signal);
      // still here: as process 1 of a container, which signals without a handler do not end, or by a new handler
      start();
    });
  }
  const standBack = (event: string | symbol, listener: unknown) => {
    const ours = listeners.get(event);
    if (ours !== undefined && ours !== listener) process.off(event, ours);
  };
  const comeBack = (event: string | symbol, listener: unknown) => {
    const ours = listeners.get(event);
    if (ours !== undefined && ours !== listener && process.listenerCount(event) === 0) process.on(event, ours);
  };
  const start = () => {
    for (const [signal, listener] of listeners) {
      if (process.listenerCount(signal as NodeJS.Signals) === 0) process.on(signal as NodeJS.Signals, listener);
    }
    // in front of Node's own: after it, removing the last listener would leave the new one deaf
    (process as EventEmitter).prependListener("newListener", standBack);
    process.on("removeListener", comeBack);
  };
  const stop = () => {
    process.off("newListener", standBack);
    process.off("removeListener", comeBack);
    for (const [signal, listener] of listeners) process.off(signal as NodeJS.Signals, listener);
  };
  start();
  return { stop };
}
