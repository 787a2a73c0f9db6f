/**
 * One environment variable as data, and how its text becomes a value or a line that says what is wrong with it.
 */

/**
 * What a parser makes of a text. A parser never throws: what is to be done about a refusal differs between
 * `OTEL_*` (warn and go on) and `RED_*` (stop), and is decided by the caller.
 */
export type Parsed<T> = Accepted<T> | Refused<T>;

interface Accepted<T> {
  readonly value: T;
}

interface Refused<T> {
  /** Why, where `accepted` does not say it already; may be empty. Without line breaks. */
  readonly refused: string;
  /** The part of the text that can be used all the same; the fallback where there is none. */
  readonly usable?: T;
}

export interface Variable<T> {
  readonly name: string;
  /** Completes "expected …". */
  readonly accepted: string;
  /** The value where the variable is unset or blank. */
  readonly fallback: T;
  /** @param text trimmed and not empty */
  readonly parse: (text: string) => Parsed<T>;
}

/** Tells a variable from whatever else a file exports. */
export function isVariable(each: unknown): each is Variable<unknown> {
  return typeof each === "object" && each !== null && "fallback" in each && "parse" in each;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** @param onRefusal gets one line without a full stop, and what is usable; what it returns is the value */
export function readVariable<T>(
  variable: Variable<T>,
  environment: Environment,
  onRefusal: (complaint: string, usable: T) => T,
): T {
  const text = environment[variable.name]?.trim();
  if (!text) return variable.fallback;
  const parsed = variable.parse(text);
  if ("value" in parsed) return parsed.value;
  const because = parsed.refused && ` (${parsed.refused})`;
  const complaint = `${variable.name}=${quoted(text)} is not accepted${because}: expected ${variable.accepted}`;
  return onRefusal(complaint, parsed.usable ?? variable.fallback);
}

/** A value of a variable, as a message shows it. */
export function shown(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  return value.length === 0 ? "none" : value.join(",");
}

/** One of a few words, in any case. */
export function word<W extends string>(name: string, words: readonly W[], fallback: W): Variable<W> {
  return oneOf(name, new Map(words.map((each) => [each, each])), fallback);
}

/** true or false, in any case; not 1, on or yes, as the OpenTelemetry specification has it. */
export function flag(name: string, fallback: boolean): Variable<boolean> {
  return oneOf(
    name,
    new Map([
      ["true", true],
      ["false", false],
    ]),
    fallback,
  );
}

function oneOf<T>(name: string, meanings: ReadonlyMap<string, T>, fallback: T): Variable<T> {
  return {
    name,
    get accepted() {
      return [...meanings.keys()].join(", ").replace(/, (?=[^,]*$)/, " or ");
    },
    fallback,
    parse: (text) => {
      const value = meanings.get(text.toLowerCase());
      return value === undefined ? { refused: "" } : { value };
    },
  };
}

const DECIMAL = /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?$/i;

/** A number without a sign as people write it, not `0x1` or an empty text; NaN for anything else, Infinity where it is too large. */
export function decimal(text: string): number {
  return DECIMAL.test(text) ? Number(text) : Number.NaN;
}

const WHOLE_NUMBER = /^(?:0|[1-9][0-9]*)$/;

/** An integer in plain decimal digits: `0x10`, `1e3`, `+1` and `007` leave room for a guess. */
export function integer(name: string, smallest: number, largest: number, fallback: number): Variable<number> {
  return {
    name,
    accepted: `an integer from ${smallest} to ${largest}`,
    fallback,
    parse: (text) => {
      const value = WHOLE_NUMBER.test(text) ? Number(text) : Number.NaN;
      return value >= smallest && value <= largest ? { value } : { refused: "" };
    },
  };
}

const LONGEST_QUOTE = 60;
/**
 * What would break a line, move the cursor of a terminal, or not be seen at all. Made with the first message, and no
 * literal: V8 reads one along with the file, and to look these categories up takes it a tenth of the instructions that a
 * Node.js without us needs to start.
 */
let notPrintable: RegExp | undefined;

/** Somebody's text, made fit for one line of a log. */
export function printable(text: string): string {
  notPrintable ??= /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
  return text.replace(notPrintable, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** The same in quotes, and shortened: a value may be as long as the system allows. */
export function quoted(text: string): string {
  const start = text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
  return `"${printable(start)}"`;
}
