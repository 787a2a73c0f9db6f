/** The test's side of test/apps/endings/stages.js. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

const DEADLINE_MS = 30_000;

export class Stages {
  readonly #socket: Socket;
  /** Stages that were reached and not yet waited for, with how often. */
  readonly #reached = new Map<string, number>();
  readonly #waiting = new Map<string, (() => void)[]>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    let rest = "";
    socket.setNoDelay(true).setEncoding("utf8");
    socket
      .on("error", () => {})
      .on("data", (text) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop() as string;
        for (const line of lines) this.#arrive(line);
      });
  }

  static async connect(port: number): Promise<Stages> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new Stages(socket);
  }

  /** Resolves when a handler has reached this stage, now or earlier; each arrival serves once. */
  async reached(stage: string): Promise<void> {
    const count = this.#reached.get(stage) ?? 0;
    if (count > 0) {
      this.#reached.set(stage, count - 1);
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const deadline = setTimeout(
        () => reject(new Error(`the application has not reached "${stage}" in ${DEADLINE_MS / 1000} s`)),
        DEADLINE_MS,
      );
      const waiting = this.#waiting.get(stage) ?? [];
      this.#waiting.set(stage, waiting);
      waiting.push(() => {
        clearTimeout(deadline);
        resolve();
      });
    });
  }

  /** Lets the handler that waits for this stage go on. */
  order(stage: string): void {
    this.#socket.write(`${stage}\n`);
  }

  close(): void {
    this.#socket.destroy();
  }

  #arrive(stage: string): void {
    const next = this.#waiting.get(stage)?.shift();
    if (next !== undefined) next();
    else this.#reached.set(stage, (this.#reached.get(stage) ?? 0) + 1);
  }
}
