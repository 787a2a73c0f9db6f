/** HTTP as bytes: what no client library would send, and what a server makes of it. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { until } from "./until.ts";

const DEADLINE_MS = 30_000;
const HOST = "127.0.0.1";

/** A connection of its own. Strings stand for their Latin-1 bytes, both ways. */
export class RawConnection {
  readonly #socket: Socket;
  readonly #closed: Promise<void>;
  #received = "";

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (text) => {
      this.#received += text;
    });
    // a server that has heard enough resets the connection: what was received before counts
    socket.on("error", () => {});
    this.#closed = new Promise((resolve) => {
      socket.on("close", () => resolve());
    });
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect({ host: HOST, port });
    await once(socket, "connect");
    return new RawConnection(socket);
  }

  /** TLS by the key that the server knows as well: neither of them has a certificate. */
  static async openTls(port: number, psk: Buffer): Promise<RawConnection> {
    const socket = connectTls({
      host: HOST,
      port,
      ciphers: "PSK",
      pskCallback: () => ({ psk, identity: "test" }),
      checkServerIdentity: () => undefined,
    });
    await once(socket, "secureConnect");
    return new RawConnection(socket);
  }

  send(bytes: string): void {
    this.#socket.write(bytes, "latin1");
  }

  /** Resolves with all that was received so far, once the pattern is in it. */
  received(pattern: RegExp): Promise<string> {
    return until(`an answer like ${pattern}`, DEADLINE_MS, async () => {
      return pattern.test(this.#received) ? this.#received : undefined;
    });
  }

  /** Resolves with all that was received, once the server has closed the connection. */
  async receivedAll(): Promise<string> {
    await this.#closed;
    return this.#received;
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

/** Sends the bytes on a connection of their own, and resolves with all that comes back until the server closes it. */
export async function exchange(port: number, bytes: string): Promise<string> {
  const connection = await RawConnection.open(port);
  connection.send(bytes);
  return connection.receivedAll();
}

/** The status of each response, interim ones included. */
export function statuses(responses: string): number[] {
  return [...responses.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, status]) => Number(status));
}
