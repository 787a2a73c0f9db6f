/** A connection that sends what it is given as it stands, and leaves in any of the ways there are. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectSecurely } from "node:tls";

const DEADLINE_MS = 30_000;
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

/** A complete answer, informational ones not counted. */
export interface Answer {
  readonly status: number;
  /** Without chunks' lengths; bytes as characters. */
  readonly body: string;
}

export class Wire {
  /** Resolves when the connection is closed, whoever closed it. */
  readonly closed: Promise<unknown>;
  readonly #socket: Socket;
  #text = "";
  #onText: (() => unknown) | undefined;

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

  /** The status codes received, informational ones included. */
  get statuses(): number[] {
    return [...this.#text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status));
  }

  /** Resolves once it is handed to the operating system. */
  send(text: string): Promise<void> {
    return new Promise((resolve, reject) => this.#socket.write(text, (error) => (error ? reject(error) : resolve())));
  }

  /** Resolves when the text has been received this often since the connection was opened, or its last `answer()`. */
  async receives(text: string, times = 1): Promise<void> {
    await this.#until(JSON.stringify(text), () => (this.#text.split(text).length > times ? true : undefined));
  }

  /** The next answer, which is to a request of this method. */
  async answer(method = "GET"): Promise<Answer> {
    const { answer, length } = await this.#until(`an answer to ${method}`, () => readAnswer(this.#text, method));
    this.#text = this.#text.slice(length);
    return answer;
  }

  async #until<T>(what: string, poll: () => T | undefined): Promise<T> {
    const here = poll();
    if (here !== undefined) return here;
    return new Promise((resolve, reject) => {
      const finish = () => {
        const value = poll();
        if (value === undefined) return false;
        clearTimeout(deadline);
        this.#onText = undefined;
        resolve(value);
        return true;
      };
      const fail = (why: string) => {
        clearTimeout(deadline);
        reject(new Error(`${what} is not received: ${why}. Received: ${JSON.stringify(this.#text.slice(0, 500))}`));
      };
      const deadline = setTimeout(fail, DEADLINE_MS, `not within ${DEADLINE_MS / 1000} s`);
      this.#onText = finish;
      this.closed.then(() => finish() || fail("the connection is closed"));
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

/** Where a complete answer is at the start of the text: it, and how much of the text it takes. */
function readAnswer(text: string, method: string): { answer: Answer; length: number } | undefined {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd === -1) return undefined;
  const bodyAt = headEnd + 4;
  const head = text.slice(0, headEnd).toLowerCase();
  const status = Number(head.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length));
  if (status < 200) {
    const final = readAnswer(text.slice(bodyAt), method);
    return final && { ...final, length: bodyAt + final.length };
  }
  const answered = (body: string, length: number) => ({ answer: { status, body }, length });
  if (method === "HEAD" || status === 204 || status === 304) return answered("", bodyAt);
  const contentLength = /\r\ncontent-length: (\d+)/.exec(head)?.[1];
  if (contentLength !== undefined) {
    const end = bodyAt + Number(contentLength);
    return text.length < end ? undefined : answered(text.slice(bodyAt, end), end);
  }
  let body = "";
  for (let at = bodyAt; ; ) {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd === -1) return undefined;
    const length = Number.parseInt(text.slice(at, lineEnd), 16);
    const end = lineEnd + 2 + length + 2;
    if (text.length < end) return undefined;
    if (length === 0) return answered(body, end);
    body += text.slice(lineEnd + 2, lineEnd + 2 + length);
    at = end;
  }
}
