/**
 * The exposition's bytes, a page at a time: what is written goes into one buffer, which is handed on when it is full and
 * then written anew.
 *
 * As strings, the lines of 10,000 label sets are 60 MB of garbage a scrape, and the collector's pauses are the
 * longest time for which the application stands still.
 */

/** Some label sets' lines: a quarter of a millisecond's work. */
const PAGE_BYTES = 64 * 1024;
/** The room for what makes a page full: it is handed on whole. */
const FIRST_ROOM = PAGE_BYTES + 16 * 1024;
/** UTF-8 has no more bytes for what is one unit of a string. */
const MOST_BYTES_A_UNIT = 3;
/** More digits than these are written as JavaScript spells the number. */
const MOST_PLAIN_INTEGER = 2 ** 31 - 1;
const DIGIT_ZERO = 48;

export class Page {
  #bytes = Buffer.allocUnsafeSlow(FIRST_ROOM);
  #length = 0;

  /** Bytes that are in it. */
  get length(): number {
    return this.#length;
  }

  get isFull(): boolean {
    return this.#length >= PAGE_BYTES;
  }

  /** What is in it, good until something is written again; the page is empty afterwards. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    return taken;
  }

  /** Any text. */
  text(text: string): void {
    this.#makeRoom(text.length * MOST_BYTES_A_UNIT);
    this.#length += this.#bytes.write(text, this.#length);
  }

  /** A short text that is encoded already. Quicker than `ascii` for a text that was put together at run time. */
  bytes(text: Uint8Array): void {
    this.#makeRoom(text.length);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = 0; i < text.length; i++) bytes[at++] = text[i] as number;
    this.#length = at;
  }

  /** A short text of ASCII. */
  ascii(text: string): void {
    this.#makeRoom(text.length);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    this.#length = at;
  }

  /** What is in the page already, once more. */
  repeat(start: number, end: number): void {
    this.#makeRoom(end - start);
    this.#bytes.copyWithin(this.#length, start, end);
    this.#length += end - start;
  }

  /** A number as JavaScript writes it; neither an infinity nor NaN. */
  number(value: number): void {
    if (value >= 0 && value <= MOST_PLAIN_INTEGER && value === (value | 0)) this.#integer(value);
    else this.ascii(String(value));
  }

  #integer(value: number): void {
    let digits = 1;
    for (let bound = 10; value >= bound; bound *= 10) digits++;
    this.#makeRoom(digits);
    const bytes = this.#bytes;
    this.#length += digits;
    let rest = value;
    for (let at = this.#length - 1; digits > 0; at--, digits--) {
      const tenth = (rest / 10) | 0;
      bytes[at] = DIGIT_ZERO + rest - tenth * 10;
      rest = tenth;
    }
  }

  #makeRoom(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * this.#bytes.length + more);
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

/** Writes so many series, and hands the page on whenever it is full. */
export function* writeSeries(page: Page, count: number, write: (index: number) => void): Generator<Uint8Array> {
  for (let index = 0; index < count; index++) {
    write(index);
    if (page.isFull) yield page.take();
  }
}
