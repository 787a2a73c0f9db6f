/**
 * One connection between two members. It reads by Node's socket, and writes to the socket's descriptor itself: so it is known
 * at each moment what the system has taken, and a process that ends can still write the rest.
 *
 * It does not keep the process alive.
 */
import { writeSync } from "node:fs";
import type { Socket } from "node:net";
import { encode, Frames, type Message, type Received } from "./protocol.ts";

/** A peer that does not read is tried again after so many milliseconds: at first, and at most. */
const FIRST_RETRY_MS = 1;
const LONGEST_RETRY_MS = 50;
/** Bytes that wait for a peer that does not read. One that is so far behind is given up. */
const MOST_WAITING = 512 * 1024 * 1024;
/** How long a process that ends waits for the system to take the rest, and how long before it tries again. */
const LONGEST_LAST_WRITE_MS = 200;
const LAST_RETRY_MS = 2;

/** Blocks the thread: only a process that ends may do that. */
const sleeper = new Int32Array(new SharedArrayBuffer(4));

export interface LinkOptions {
  readonly onMessage: (received: Received) => void;
  /** Called once, also after `close`. */
  readonly onClosed: () => void;
  /** Milliseconds of a monotonic clock. */
  readonly nowMs: () => number;
  /** Bytes of the longest frame that is taken, at the moment. */
  readonly longestFrame?: () => number | undefined;
}

export class Link {
  readonly #socket: Socket;
  readonly #options: LinkOptions;
  readonly #frames = new Frames();
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #retryMs = FIRST_RETRY_MS;
  #retry: NodeJS.Timeout | undefined;
  #onFlushed: (() => void)[] = [];
  /** The peer does not take anything any more. What it has sent before is still to be read. */
  #isDeaf = false;
  #closed = false;

  constructor(socket: Socket, options: LinkOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.unref();
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    // the reason does not matter: what follows is the same
    socket.on("error", () => {});
    socket.on("close", () => this.#onClose());
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** The message is on its way, or waits for the peer to read. */
  send(message: Message, numbers: readonly Float64Array[] = []): void {
    if (this.#closed || this.#isDeaf) return;
    const frame = encode(message, numbers);
    this.#waiting.push(frame);
    this.#waitingBytes += frame.length;
    if (this.#waitingBytes > MOST_WAITING) this.close();
    else if (this.#waiting.length === 1) this.#write();
  }

  /** Resolves once the system has taken all: then the peer gets it, whatever becomes of this process. Also once closed. */
  flushed(): Promise<void> {
    if (this.#waiting.length === 0 || this.#closed) return Promise.resolve();
    return new Promise((resolve) => this.#onFlushed.push(resolve));
  }

  /** For a process that ends: returns when the system has taken all, or after 200 ms. */
  flushNow(): void {
    const deadline = this.#options.nowMs() + LONGEST_LAST_WRITE_MS;
    while (this.#waiting.length > 0 && !this.#closed) {
      if (this.#writeSome()) continue;
      if (this.#options.nowMs() >= deadline) return;
      Atomics.wait(sleeper, 0, 0, LAST_RETRY_MS);
    }
  }

  close(): void {
    this.#socket.destroy();
    this.#onClose();
  }

  #take(chunk: Buffer): void {
    try {
      for (const received of this.#frames.take(chunk, this.#options.longestFrame?.())) {
        if (this.#closed) return;
        this.#options.onMessage(received);
      }
    } catch {
      // it speaks another language, or sends what cannot be
      this.close();
    }
  }

  #write(): void {
    this.#retry = undefined;
    while (this.#waiting.length > 0 && !this.#closed) {
      if (this.#writeSome()) continue;
      this.#retry = setTimeout(() => this.#write(), this.#retryMs).unref();
      this.#retryMs = Math.min(LONGEST_RETRY_MS, 2 * this.#retryMs);
      return;
    }
    for (const resolve of this.#onFlushed.splice(0)) resolve();
  }

  /** @returns whether the system has taken anything */
  #writeSome(): boolean {
    const frame = this.#waiting[0] as Buffer;
    try {
      const written = writeSync(descriptor(this.#socket), frame);
      this.#waitingBytes -= written;
      this.#retryMs = FIRST_RETRY_MS;
      if (written < frame.length) this.#waiting[0] = frame.subarray(written);
      else this.#waiting.shift();
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return false;
      this.#isDeaf = true;
      this.#dropWaiting();
      return true;
    }
  }

  #dropWaiting(): void {
    clearTimeout(this.#retry);
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const resolve of this.#onFlushed.splice(0)) resolve();
  }

  #onClose(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#dropWaiting();
    this.#options.onClosed();
  }
}

/** @throws where the socket is closed already */
function descriptor(socket: Socket): number {
  const fd = (socket as unknown as { readonly _handle?: { readonly fd?: number } | null })._handle?.fd;
  if (fd === undefined || fd < 0) throw new Error("the socket is closed");
  return fd;
}
