/**
 * Bounds the connections of the endpoint: each takes a file descriptor of the application.
 */
import type { Server } from "node:http";
import type { Socket } from "node:net";

/** More than the scrapers of a process, and few beside the 1,024 descriptors that a process has by default. */
const MOST_CONNECTIONS = 64;

export class Connections {
  /** Requests under way, by connection. Of those without, the first has been idle the longest. */
  readonly #requests = new Map<Socket, number>();

  /**
   * Counts the server's connections along with those of the servers before. When there is one too many, the connection closes
   * that has been idle the longest. That is the new one where all others have a request under way.
   */
  bound(server: Server): void {
    server.on("connection", (socket) => {
      this.#set(socket, 0);
      socket.once("close", () => this.#requests.delete(socket));
      if (this.#requests.size > MOST_CONNECTIONS) this.#closeIdle();
    });
    server.prependListener("request", ({ socket }, response) => {
      this.#add(socket, 1);
      response.once("close", () => this.#add(socket, -1));
    });
  }

  #closeIdle(): void {
    for (const [socket, requests] of this.#requests) {
      if (requests > 0) continue;
      this.#requests.delete(socket);
      socket.destroy();
      return;
    }
  }

  #add(socket: Socket, requests: number): void {
    const before = this.#requests.get(socket);
    if (before !== undefined) this.#set(socket, before + requests);
  }

  /** As the last one. */
  #set(socket: Socket, requests: number): void {
    this.#requests.delete(socket);
    this.#requests.set(socket, requests);
  }
}
