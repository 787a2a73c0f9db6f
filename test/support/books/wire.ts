/** A connection that sends what it is given as it stands, and leaves in any of the ways there are. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectSecurely } from "node:tls";

const DEADLINE_MS = 10_000;
/** The key of the test applications: no certificate is needed. */
const KEY = { identity: "test", psk: Buffer.from("0123456789abcdef") };

/** A request without a body, on a connection that is kept. */
export function get(path: string, method = "GET"): string {
  return `${method} ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`;
}

/** The head of a request with a body of that many bytes. */
export function post(path: string, length: number, headers = ""): string {
  return `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${length}\r\n${headers}\r\n`;
}

export class Wire {
  /** Resolves when the connection is closed, whoever closed it. */
  readonly closed: Promise<unknown>;
  readonly #socket: Socket;
  #text = "";
  #onText: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = once(socket, "close");
    socket.on("error", () => {}); // the server may hang up at any time
    socket.setNoDelay(true).on("data", (chunk) => {
      this.#text += chunk.toString("latin1");
      this.#onText?.();
    });
  }

  static async open(port: number): Promise<Wire> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new Wire(socket);
  }

  static async openSecurely(port: number): Promise<Wire> {
    const socket = connectSecurely({
      port,
      host: "127.0.0.1",
      ciphers: "PSK",
      maxVersion: "TLSv1.2",
      checkServerIdentity: () => undefined,
      pskCallback: () => KEY,
    });
    await once(socket, "secureConnect");
    return new Wire(socket);
  }

  /** All that was received, bytes as characters. */
  get text(): string {
    return this.#text;
  }

  /** The status codes received, informational ones included. */
  get statuses(): number[] {
    return [...this.#text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status));
  }

  /** Resolves once it is handed to the operating system. */
  send(text: string): Promise<void> {
    return new Promise((resolve, reject) => this.#socket.write(text, (error) => (error ? reject(error) : resolve())));
  }

  /** Resolves when the text has been received this often since the connection was opened. */
  async receives(text: string, times = 1): Promise<void> {
    const isHere = () => this.#text.split(text).length > times;
    if (isHere()) return;
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string) =>
        reject(new Error(`${JSON.stringify(text)} is not received: ${why}. Received: ${this.#text.slice(0, 500)}`));
      const deadline = setTimeout(fail, DEADLINE_MS, `not within ${DEADLINE_MS / 1000} s`);
      this.closed.then(() => {
        clearTimeout(deadline);
        if (!isHere()) fail("the connection is closed");
      });
      this.#onText = () => {
        if (!isHere()) return;
        clearTimeout(deadline);
        this.#onText = undefined;
        resolve();
      };
    });
  }

  /** Receives nothing more: what the server writes from now on stays in the kernel's buffers, and then in the server's. */
  stopReading(): void {
    this.#socket.pause();
  }

  /** Says that nothing more will be sent (FIN), and goes on reading. */
  endInput(): void {
    this.#socket.end();
  }

  /** Hangs up as a process does that closes its socket: FIN, or RST where something is left unread. */
  async leave(): Promise<void> {
    this.#socket.destroy();
    await this.closed;
  }

  /** Hangs up with RST. */
  async reset(): Promise<void> {
    this.#socket.resetAndDestroy();
    await this.closed;
  }
}
