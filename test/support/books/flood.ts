/** Requests for paths that nobody has, each another one, over one connection: in order, and fast. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { get } from "./wire.ts";

/** In one write. */
const PIPELINED = 100;
const HEAD_END = "\r\n\r\n";

export interface FloodRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly status: 200 | 404;
}

/** Letters only, in words that no rule takes for an identifier: `/bcd/aef`. Different for each number. */
function wordsOf(number: number): string {
  const digits = number.toString(26).padStart(6, "0");
  const letters = [...digits].map((digit) => String.fromCharCode(97 + Number.parseInt(digit, 26))).join("");
  return `/${letters.slice(0, 3)}/${letters.slice(3)}`;
}

/** Some are posted, and some are found. */
export function floodRequest(number: number): FloodRequest {
  const isFound = number % 7 === 0;
  return {
    method: number % 5 === 0 ? "POST" : "GET",
    path: isFound ? `${wordsOf(number)}/found` : wordsOf(number),
    status: isFound ? 200 : 404,
  };
}

export class Flood {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async open(port: number): Promise<Flood> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new Flood(socket.setNoDelay(true).setEncoding("latin1"));
  }

  /** Sends the requests of these numbers, the last one not included, and resolves when all are answered. */
  async send(from: number, to: number): Promise<void> {
    for (let start = from; start < to; start += PIPELINED) {
      const end = Math.min(start + PIPELINED, to);
      let text = "";
      for (let number = start; number < end; number++) {
        const { method, path } = floodRequest(number);
        text += get(path, method);
      }
      this.#socket.write(text);
      await this.#answers(end - start);
    }
  }

  /** No answer has a body. */
  async #answers(count: number): Promise<void> {
    let left = count;
    let rest = "";
    while (left > 0) {
      const [text] = (await once(this.#socket, "data", { signal: AbortSignal.timeout(30_000) })) as [string];
      const parts = (rest + text).split(HEAD_END);
      rest = parts.pop() as string;
      left -= parts.length;
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}
