/**
 * Buffers messages until the process turns out to be a server: npm, test runners and scripts inherit the preload too, and
 * their users need not hear what is wrong with its configuration.
 */
import type { Log } from "./log.ts";

/** A log whose messages wait until `release()`. */
export class BufferedLog implements Log {
  readonly #log: Log;
  readonly #onFirstMessage: () => void;
  #buffered: (() => void)[] = [];
  #released = false;

  /** @param onFirstMessage called once, when the first message waits */
  constructor(log: Log, onFirstMessage: () => void) {
    this.#log = log;
    this.#onFirstMessage = onFirstMessage;
  }

  error(message: string): void {
    this.#say(() => this.#log.error(message));
  }

  warn(message: string): void {
    this.#say(() => this.#log.warn(message));
  }

  info(message: string): void {
    this.#say(() => this.#log.info(message));
  }

  /** Writes the messages that wait, in their order. From now on messages are written at once. */
  release(): void {
    this.#released = true;
    for (const say of this.#buffered.splice(0)) say();
  }

  #say(say: () => void): void {
    if (this.#released) {
      say();
      return;
    }
    this.#buffered.push(say);
    if (this.#buffered.length === 1) this.#onFirstMessage();
  }
}
