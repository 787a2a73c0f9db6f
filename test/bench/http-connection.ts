/**
 * A client's side of one keep-alive connection, one request at a time: cheaper than node:http's, and with its end in
 * the caller's hands. It reads what the applications of the benchmark answer: a status line and a content-length.
 */
import { connect, type Socket } from "node:net";

const HEAD_END = "\r\n\r\n";
const ANSWER_MS = 30_000;

export class HttpConnection {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #settle: { resolve: (status: number) => void; reject: (error: Error) => void } | undefined;
  #failure: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk) => this.#onData(chunk));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Error("the connection was closed")));
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error("no answer")));
  }

  /** @throws the system's error where nobody listens */
  static async open(port: number): Promise<HttpConnection> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return new HttpConnection(socket);
  }

  /** @returns the status. @throws Error where the connection ends before the answer does */
  get(path: string): Promise<number> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Closes without a farewell: the other side gets an error. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  #onData(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd === -1) return;
    const head = this.#received.toString("latin1", 0, headEnd);
    const length = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? Number.NaN);
    if (Number.isNaN(length)) this.#socket.destroy(new Error(`no content-length: ${head}`));
    if (this.#received.length < headEnd + HEAD_END.length + length) return;
    this.#received = Buffer.alloc(0);
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.resolve(Number(head.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length)));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#settle?.reject(this.#failure);
    this.#settle = undefined;
  }
}

/** Asks for each of the paths once, over a few connections. @throws Error where one is not answered with the status */
export async function askForAll(port: number, paths: Iterable<string>, status: number): Promise<void> {
  const iterator = paths[Symbol.iterator]();
  const connections = await Promise.all(Array.from({ length: 16 }, () => HttpConnection.open(port)));
  try {
    await Promise.all(
      connections.map(async (connection) => {
        for (let next = iterator.next(); !next.done; next = iterator.next()) {
          const answered = await connection.get(next.value);
          if (answered !== status) throw new Error(`${next.value} was answered with ${answered} instead of ${status}`);
        }
      }),
    );
  } finally {
    for (const connection of connections) connection.close();
  }
}
