/**
 * Tells when the process becomes an HTTP server. NODE_OPTIONS reaches npm, test runners and scripts as well: until one
 * of the process's HTTP servers listens, nothing is opened and nothing is said.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createRequire } from "node:module";
import type { Server } from "node:net";

/** Published from Node 20.20 on; on older ones the first request has to do. */
const LISTENING = "tracing:net.server.listen:asyncEnd";

export interface ListeningWatch {
  stop(): void;
}

/**
 * @param onListening called for each HTTP server of the process that listens from now on
 * @param onFailure takes an exception out of our own code: a subscriber that throws would end the process
 */
export function watchListening(
  onListening: (server: Server) => void,
  onFailure: (error: unknown) => void,
): ListeningWatch {
  const onMessage = (message: unknown) => {
    try {
      const { server } = message as { server: Server };
      if (isHttpServer(server)) onListening(server);
    } catch (error) {
      onFailure(error);
    }
  };
  subscribe(LISTENING, onMessage);
  return { stop: () => unsubscribe(LISTENING, onMessage) };
}

/** A process that never listens never gets here, and so never loads node:http on our account. */
function isHttpServer(server: Server): boolean {
  const requireBuiltin = createRequire(import.meta.url);
  const http = requireBuiltin("node:http") as typeof import("node:http");
  if (server instanceof http.Server) return true;
  const https = requireBuiltin("node:https") as typeof import("node:https");
  return server instanceof https.Server;
}
