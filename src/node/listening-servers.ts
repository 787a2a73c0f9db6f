/**
 * Adds listeners of ours to the HTTP servers of the process, as each of them begins to listen: for what Node tells its
 * servers and does not publish on a diagnostics channel.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Server } from "node:net";

/** A server that listens again is told of again. */
const LISTENING = "tracing:net.server.listen:asyncEnd";

/** @returns what takes the listeners away */
type Observe = (server: Server) => () => void;

export class ListeningServers {
  readonly #observe: Observe;
  readonly #onFailure: (error: unknown) => void;
  /** A server that nobody needs any more goes, and its listeners with it. */
  #observed = new WeakMap<Server, () => void>();
  readonly #servers = new Set<WeakRef<Server>>();

  /** @param onFailure takes an exception out of our own code */
  constructor(observe: Observe, onFailure: (error: unknown) => void) {
    this.#observe = observe;
    this.#onFailure = onFailure;
  }

  enable(): void {
    subscribe(LISTENING, this.#onListening);
  }

  disable(): void {
    unsubscribe(LISTENING, this.#onListening);
    for (const reference of this.#servers) {
      const server = reference.deref();
      if (server !== undefined) this.#observed.get(server)?.();
    }
    this.#servers.clear();
    this.#observed = new WeakMap();
  }

  readonly #onListening = (message: unknown): void => {
    try {
      const { server } = message as { readonly server: Server };
      if (this.#observed.has(server)) return;
      for (const reference of this.#servers) if (reference.deref() === undefined) this.#servers.delete(reference);
      this.#observed.set(server, this.#observe(server));
      this.#servers.add(new WeakRef(server));
    } catch (error) {
      this.#onFailure(error);
    }
  };
}
