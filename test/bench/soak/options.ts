/**
 * The command line of `npm run soak`.
 */
import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { VARIANTS, type Variant } from "../variants.ts";

export interface SoakOptions {
  readonly seconds: number;
  readonly variant: Variant;
}

const OPTIONS = {
  minutes: { type: "string" },
  seconds: { type: "string" },
  instrumentation: { type: "string", default: "light" },
} as const satisfies ParseArgsOptionsConfig;

const DEFAULT_MINUTES = 5;
/** Fewer say nothing. */
const FEWEST_SECONDS = 10;
const MOST_SECONDS = 24 * 3600;
const INSTRUMENTATIONS: Readonly<Record<string, Variant["name"]>> = { light: "light", stock: "stock", none: "bare" };

/** @throws Error with one line: the option, its value, and what is accepted */
export function readSoakOptions(args: readonly string[]): SoakOptions {
  const { minutes, seconds, instrumentation } = parseArgs({ args: [...args], options: OPTIONS }).values;
  if (minutes !== undefined && seconds !== undefined) throw new Error("--minutes and --seconds: one of them");
  const name = INSTRUMENTATIONS[instrumentation];
  const variant = VARIANTS.find((each) => each.name === name);
  if (variant === undefined) {
    const accepted = Object.keys(INSTRUMENTATIONS).join(", ");
    throw new Error(`--instrumentation=${instrumentation}: accepted: ${accepted}`);
  }
  return {
    seconds: seconds !== undefined ? duration("--seconds", seconds, 1) : duration("--minutes", minutes, 60),
    variant,
  };
}

function duration(option: string, value = `${DEFAULT_MINUTES}`, unitSeconds: number): number {
  const seconds = /^\d+(\.\d+)?$/.test(value) ? Number(value) * unitSeconds : Number.NaN;
  if (seconds >= FEWEST_SECONDS && seconds <= MOST_SECONDS) return seconds;
  throw new Error(`${option}=${value}: accepted: a number, from ${FEWEST_SECONDS} seconds to a day`);
}
