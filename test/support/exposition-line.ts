/** The tokens of the text exposition: lines, floats and timestamps. */

/** What the grammar does not allow, and where. */
export class ExpositionError extends Error {
  /** 1 for the first line. */
  readonly line: number;

  constructor(line: number, problem: string, text: string) {
    super(`line ${line}: ${problem}: ${text}`);
    this.name = "ExpositionError";
    this.line = line;
  }
}

/** One line, read from left to right. Patterns are sticky (`/y`). */
export class Line {
  readonly #number: number;
  readonly #text: string;
  #position = 0;

  constructor(number: number, text: string) {
    this.#number = number;
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#position === this.#text.length;
  }

  get atBlankOrEnd(): boolean {
    return this.atEnd || this.peek(" ") || this.peek("\t");
  }

  peek(character: string): boolean {
    return this.#text[this.#position] === character;
  }

  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const taken = pattern.exec(this.#text)?.[0];
    this.#position += taken?.length ?? 0;
    return taken;
  }

  /** Blanks and tabs are all the white space there is: a carriage return is an error like any other character. */
  skipBlanks(): void {
    this.take(/[ \t]*/y);
  }

  fail(problem: string): never {
    throw new ExpositionError(this.#number, problem, this.#text);
  }
}

/** @throws ExpositionError where the last line does not end with a line feed. */
export function linesOf(text: string): Line[] {
  const lines = text.split("\n").map((content, index) => new Line(index + 1, content));
  const afterLastLineFeed = lines.pop();
  if (afterLastLineFeed?.atEnd === false) afterLastLineFeed.fail("no line feed at the end");
  return lines;
}

const DECIMAL = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?$/i;
const INFINITY = /^([+-]?)inf(?:inity)?$/i;

/** Go's `ParseFloat` without hexadecimal notation, as Prometheus has it; `undefined` where it is none or overflows. */
export function number(token: string): number | undefined {
  if (/^nan$/i.test(token)) return Number.NaN;
  const infinity = INFINITY.exec(token);
  if (infinity) return infinity[1] === "-" ? -Infinity : Infinity;
  if (!DECIMAL.test(token)) return undefined;
  const value = Number(token);
  return Number.isFinite(value) ? value : undefined;
}

/** Go's `ParseInt` with base 10; beyond 2^53 to the nearest double. */
export function int64(token: string): number | undefined {
  if (!/^[+-]?[0-9]+$/.test(token)) return undefined;
  const exact = BigInt(token.replace(/^\+/, ""));
  return BigInt.asIntN(64, exact) === exact ? Number(exact) : undefined;
}
