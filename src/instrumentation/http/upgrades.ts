/**
 * Handshakes of WebSocket and other upgrades, and CONNECT: a request that the application answers on its socket. Node
 * publishes no start of it; it emits `upgrade` or `connect`, where somebody listens.
 *
 * The handshake ends as its answer is written, and so leaves `http_requests_active`; what the connection is used for
 * afterwards is no request.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { inFlightOf } from "./connection.ts";
import { NOT_HTTP, onceAnswered } from "./first-answer.ts";
import type { Http1ServerRequests } from "./http1-server-requests.ts";

/** By event: what the application has agreed to where it writes something that is no HTTP. */
const AGREED = { upgrade: 101, connect: 200 } as const;

export class Upgrades {
  readonly #requests: Http1ServerRequests;
  readonly #onFailure: (error: unknown) => void;

  /** Listeners of a server, by event. */
  readonly listeners = new Map(
    (["upgrade", "connect"] as const).map((event) => {
      const begin = (server: Server, request: IncomingMessage) => this.#begin(server, request, AGREED[event]);
      const listener = function (this: Server, request: IncomingMessage): void {
        begin(this, request);
      };
      return [event, listener] as const;
    }),
  );

  constructor(requests: Http1ServerRequests, onFailure: (error: unknown) => void) {
    this.#requests = requests;
    this.#onFailure = onFailure;
  }

  #begin(server: Server, request: IncomingMessage, agreed: number): void {
    try {
      const { socket } = request;
      // no head of it is ever sent: nobody responds by an object
      const response = { socket: null } as ServerResponse;
      this.#requests.start({ request, response, socket, server });
      if (inFlightOf(request) === undefined) return; // excluded
      onceAnswered(socket, (status) => this.#answered(request, status === NOT_HTTP ? agreed : status), this.#onFailure);
    } catch (error) {
      this.#onFailure(error);
    }
  }

  /** Once a WebSocket is there, a framework may route its request, which is known as soon as the code under way has returned. */
  #answered(request: IncomingMessage, status: number): void {
    if (status !== AGREED.upgrade) {
      this.#requests.answered(request, status);
      return;
    }
    this.#requests.handOver(request);
    queueMicrotask(() => this.#end(request, status));
  }

  #end(request: IncomingMessage, status: number): void {
    try {
      this.#requests.answered(request, status);
    } catch (error) {
      this.#onFailure(error);
    }
  }
}
