/**
 * What is known of each HTTP server of the process.
 */
import type { Server } from "node:http";
import type { EndReader } from "../routes/framework.ts";
export class ServerSeen {
  /** One of ours: its requests are never counted. */
  readonly own: boolean;
  /** A framework answers here: a request not yet routed will find its way. */
  framework: boolean;
  /** The first listener to `request`. */
  readonly listener: unknown;
  /** What reads routes from the listener, if anything does; and the path labels that have looked for it. */
  listenerReader: EndReader | undefined = undefined;
  listenerReaderOf: object | undefined = undefined;
  readonly #server: Server;

  constructor(server: Server, own: boolean) {
    this.#server = server;
    this.own = own;
    this.framework = !own && this.isFrameworks();
    this.listener = server.listeners("request")[0];
  }

  /** Whether it takes connections, which it does not when it shuts down. */
  get isListening(): boolean {
    return this.#server.listening === true;
  }

  /** Whether a framework gets all requests, none of them past other code. Asked anew: socket.io steps in late. */
  isFrameworks(): boolean {
    const [listener, ...others] = this.#server.listeners("request");
    return listener !== undefined && others.length === 0 && frameworkListeners.has(listener);
  }
}

const servers = new WeakMap<Server, ServerSeen>();
const frameworkListeners = new WeakSet<object>();

export function serverSeen(server: Server): ServerSeen {
  let seen = servers.get(server);
  if (seen === undefined) {
    seen = new ServerSeen(server, false);
    servers.set(server, seen);
  }
  return seen;
}

/** Marks a server of ours, before it listens. */
export function markOwnServer(server: Server): void {
  servers.set(server, new ServerSeen(server, true));
}

export function isOwnServer(server: Server): boolean {
  return servers.get(server)?.own === true;
}

/** Marks a listener of servers' `request` as a framework's, before they listen. */
export function markFrameworkListener(listener: object): void {
  frameworkListeners.add(listener);
}
