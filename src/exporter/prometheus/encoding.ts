/**
 * The content encodings of the endpoint: what becomes of the pages of an exposition.
 */
import { once } from "node:events";
import type { Gzip } from "node:zlib";

export type ContentEncoding = "identity" | "gzip";

/** Takes pages, each of them no longer than until its promise is settled, and gives what is to be sent. */
export interface Encoder {
  write(page: Uint8Array): Promise<void>;
  end(): Promise<readonly Buffer[]>;
}

export function createEncoder(encoding: ContentEncoding): Encoder {
  return encoding === "gzip" ? new GzipEncoder() : new Copies();
}

class Copies implements Encoder {
  readonly #copies: Buffer[] = [];

  async write(page: Uint8Array): Promise<void> {
    // not `Buffer.from`: that fills what it is about to overwrite
    const copy = Buffer.allocUnsafeSlow(page.length);
    copy.set(page);
    this.#copies.push(copy);
  }

  async end(): Promise<readonly Buffer[]> {
    return this.#copies;
  }
}

/**
 * zlib works in the thread pool, but the CPU is the application's all the same: the default level takes four times as
 * much for an eighth less to be sent.
 */
const Z_BEST_SPEED = 1;

/** Page by page: of a long exposition only the twentieth that is sent is ever in memory. */
class GzipEncoder implements Encoder {
  // loaded with the first scrape that asks for it: the application's start need not wait for that
  readonly #gzip: Gzip = process.getBuiltinModule("node:zlib").createGzip({ level: Z_BEST_SPEED });
  readonly #compressed: Buffer[] = [];

  constructor() {
    this.#gzip.on("data", (chunk: Buffer) => this.#compressed.push(chunk));
  }

  write(page: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#gzip.write(page, (error) => (error ? reject(error) : resolve()));
    });
  }

  async end(): Promise<readonly Buffer[]> {
    this.#gzip.end();
    await once(this.#gzip, "end");
    return this.#compressed;
  }
}
