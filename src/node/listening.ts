/**
 * Tells when the process becomes an HTTP server, and which ports it asks for. NODE_OPTIONS reaches npm, test runners and
 * scripts as well: until one of the process's HTTP servers listens, nothing is opened and nothing is said.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ListenOptions, Server } from "node:net";
import { isHttp1Server, isHttp2Server } from "./server-kinds.ts";

/** Before it is tried, and once it has succeeded. */
const LISTEN_START = "tracing:net.server.listen:asyncStart";
const LISTEN_END = "tracing:net.server.listen:asyncEnd";
/** Where a server listened before we came, its first request has to do. */
const REQUEST_START = "http.server.request.start";

export interface Watch {
  stop(): void;
}

/** A subscriber that throws would end the process, so exceptions out of our own code go to `onFailure`. */
type OnFailure = (error: unknown) => void;

/** Calls back once: when an HTTP server of the process listens, or is asked something. */
export function onceServer(callback: () => void, onFailure: OnFailure): Watch {
  const watches = [
    watch(LISTEN_END, onFailure, (message) => {
      if (isHttpServer((message as { server: Server }).server)) done();
    }),
    watch(REQUEST_START, onFailure, () => done()),
  ];
  const stop = () => {
    for (const each of watches) each.stop();
  };
  const done = () => {
    stop();
    callback();
  };
  return { stop };
}

/** Calls back once: when the first HTTP server of the process is about to listen. */
export function beforeServer(callback: () => void, onFailure: OnFailure): Watch {
  const watching = watch(LISTEN_START, onFailure, (message) => {
    if (!isHttpServer((message as { server: Server }).server)) return;
    watching.stop();
    callback();
  });
  return watching;
}

/**
 * Calls back for each server of the process, of whatever kind, that is about to take a TCP port of its own choice.
 *
 * The call comes before the port is bound: who holds it can still let go of it.
 */
export function watchPorts(callback: (port: number, server: Server) => void, onFailure: OnFailure): Watch {
  return watch(LISTEN_START, onFailure, (message) => {
    const { server, options } = message as { server: Server; options: ListenOptions };
    const port = Number(options?.port);
    if (port > 0) callback(port, server);
  });
}

function watch(channel: string, onFailure: OnFailure, take: (message: unknown) => void): Watch {
  const onMessage = (message: unknown) => {
    try {
      take(message);
    } catch (error) {
      onFailure(error);
    }
  };
  subscribe(channel, onMessage);
  return { stop: () => void unsubscribe(channel, onMessage) };
}

/** A process that never listens never gets here, and so never loads node:http on our account. */
function isHttpServer(server: Server): boolean {
  return isHttp2Server(server) || isHttp1Server(server);
}
