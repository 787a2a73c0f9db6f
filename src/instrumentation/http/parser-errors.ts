/**
 * Requests that Node's parser rejects before there is a request: a malformed or too large head, one that takes too long. A
 * request that has begun when its body is rejected is none of them: that is its ending (outcome.ts).
 *
 * Node's own answer is seen by the bytes that it has left on a connection that closes with the error. Where the
 * application listens to `clientError` it answers itself, as it likes: counted is what Node would have answered.
 */
import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { ParserErrorCounts } from "../../view/parser-errors.ts";
import { type Connection, connectionOf } from "./connection.ts";
import { bytesHandedOver, statusOfRejection } from "./outcome.ts";

export class ParserErrors {
  readonly #counts: ParserErrorCounts;
  readonly #onFailure: (error: unknown) => void;
  /** Sockets whose error the application has heard of by `clientError`: it may close them with the same error. */
  readonly #announced = new WeakSet<Socket>();

  /** Listeners of a server, by event. */
  readonly listeners = new Map([["clientError", this.#listener()]] as const);

  constructor(counts: ParserErrorCounts, onFailure: (error: unknown) => void) {
    this.#counts = counts;
    this.#onFailure = onFailure;
  }

  /** A connection that has closed while it had no request in flight. */
  onIdleClose({ socket, bytesBefore }: Connection): void {
    const statusCode = statusOfRejection((socket.errored as NodeJS.ErrnoException | null)?.code);
    if (statusCode === undefined || this.#announced.has(socket)) return;
    if (bytesHandedOver(socket) > bytesBefore) this.#counts.add(statusCode);
  }

  #listener() {
    const onClientError = (error: NodeJS.ErrnoException | undefined, socket: Socket) =>
      this.#onClientError(error, socket);
    return function (this: Server, error: NodeJS.ErrnoException | undefined, socket: Socket): void {
      onClientError(error, socket);
    };
  }

  #onClientError(error: NodeJS.ErrnoException | undefined, socket: Socket): void {
    try {
      const statusCode = statusOfRejection(error?.code);
      if (statusCode === undefined || !socket.writable) return;
      const connection = connectionOf(socket);
      if (connection?.hasRequests) {
        connection.isExcused = true;
        return;
      }
      this.#announced.add(socket);
      this.#counts.add(statusCode);
    } catch (error) {
      this.#onFailure(error);
    }
  }
}
