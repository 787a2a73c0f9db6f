/**
 * The command line of `npm run bench`.
 */
import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { FEWER_VARIANTS, ROW_GROUPS, ROW_NAMES, type RowName } from "./rows.ts";
import { COMPARED, type Variant, type VariantName } from "./variants.ts";

export interface BenchOptions {
  /** What is held against the bare application in each row; there are no others. */
  readonly rows: ReadonlyMap<RowName, readonly Variant[]>;
  /** Windows, and starts of a process, for each variant. */
  readonly windows: number;
  readonly short: boolean;
  readonly markdown: boolean;
}

const OPTIONS = {
  rows: { type: "string" },
  variants: { type: "string" },
  windows: { type: "string" },
  short: { type: "boolean", default: false },
  markdown: { type: "boolean", default: false },
} as const satisfies ParseArgsOptionsConfig;

const WINDOWS = 15;
const MOST_WINDOWS = 1000;

const SHORT_ROWS: readonly RowName[] = ["http", "express", "scrape", "startup"];
const SHORT_VARIANTS: readonly VariantName[] = ["again", "light", "prom-client", "otel"];
const SHORT_WINDOWS = 3;

/** @throws Error with one line: the option, its value, and what is accepted */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: false });
  const { short, markdown } = values;
  // the bare application is always there
  const names = COMPARED.map(({ name }) => name);
  const variants = list("--variants", values.variants, ["bare", ...names]) ?? (short ? SHORT_VARIANTS : undefined);
  const chosen = list("--rows", values.rows, [...ROW_NAMES, ...Object.keys(ROW_GROUPS)]);
  const rows = chosen === undefined ? (short ? SHORT_ROWS : ROW_NAMES) : ungrouped(chosen);
  return {
    rows: new Map(rows.map((row) => [row, comparedBy(variants ?? FEWER_VARIANTS[row] ?? names)])),
    windows: count("--windows", values.windows) ?? (short ? SHORT_WINDOWS : WINDOWS),
    short,
    markdown,
  };
}

function ungrouped(names: readonly string[]): RowName[] {
  return ROW_NAMES.filter((row) => names.some((name) => name === row || ROW_GROUPS[name]?.includes(row)));
}

function comparedBy(names: readonly string[]): readonly Variant[] {
  return COMPARED.filter(({ name }) => names.includes(name));
}

/** Names separated by commas, in the order in which they are accepted. */
function list<T extends string>(option: string, value: string | undefined, accepted: readonly T[]): T[] | undefined {
  if (value === undefined) return undefined;
  const names = value.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !accepted.includes(name as T));
  if (unknown.length > 0) {
    throw new Error(`${option}=${value}: unknown: ${unknown.join(", ") || '""'}; accepted: ${accepted.join(", ")}`);
  }
  return accepted.filter((name) => names.includes(name));
}

function count(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = /^\d+$/.test(value) ? Number(value) : 0;
  if (number < 1 || number > MOST_WINDOWS) {
    throw new Error(`${option}=${value}: accepted: a whole number from 1 to ${MOST_WINDOWS}`);
  }
  return number;
}
