/**
 * Listeners of ours on events of a server that Node treats otherwise as soon as anybody listens: an upgrade without a
 * listener is a normal request, a rejected request without one is answered by Node itself. So ours are there exactly while
 * the application has one, and come before it.
 * https://nodejs.org/api/http.html#event-upgrade_1 https://nodejs.org/api/http.html#event-clienterror
 */
import type { EventEmitter } from "node:events";

type Listener = (...args: never[]) => void;
type Name = string | symbol;

/**
 * @param listeners by event; they must not throw
 * @param onFailure takes an exception out of our own code
 * @returns what takes all of them away
 */
export function mirrorListeners(
  emitter: EventEmitter,
  listeners: ReadonlyMap<Name, Listener>,
  onFailure: (error: unknown) => void,
): () => void {
  const attached = new Set<Name>();

  function attach(event: Name, listener: Listener): void {
    if (attached.size === 0) emitter.on("removeListener", onRemoved);
    attached.add(event);
    emitter.prependListener(event, listener as (...args: unknown[]) => void);
  }

  function detached(event: Name): void {
    attached.delete(event);
    if (attached.size === 0) emitter.removeListener("removeListener", onRemoved);
  }

  function detach(event: Name, listener: Listener): void {
    detached(event);
    emitter.removeListener(event, listener as (...args: unknown[]) => void);
  }

  /** Before a listener is added. */
  function onNew(event: Name): void {
    try {
      const ours = listeners.get(event);
      if (ours !== undefined && !attached.has(event)) attach(event, ours);
    } catch (error) {
      onFailure(error);
    }
  }

  /** After a listener has been removed, ours perhaps. */
  function onRemoved(event: Name, listener: unknown): void {
    try {
      const ours = listeners.get(event);
      if (ours === undefined || !attached.has(event)) return;
      if (listener === ours) detached(event);
      else if (emitter.listenerCount(event) === 1) detach(event, ours);
    } catch (error) {
      onFailure(error);
    }
  }

  for (const [event, ours] of listeners) if (emitter.listenerCount(event) > 0) attach(event, ours);
  emitter.on("newListener", onNew);
  return () => {
    emitter.removeListener("newListener", onNew);
    for (const event of [...attached]) detach(event, listeners.get(event) as Listener);
  };
}
