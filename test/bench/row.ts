/**
 * A row of the table: one figure of every variant it applies to, as text.
 */
import type { Summary } from "./compare.ts";
import type { VariantName } from "./variants.ts";

export interface Cell {
  readonly text: string;
  /** First to third quartile; empty where a figure is not measured but counted. */
  readonly spread: string;
}

export interface Row {
  readonly title: string;
  readonly cells: ReadonlyMap<VariantName, Cell>;
}

/** A value and its unit, and how many decimals are worth showing. */
export type Spelling = (value: number) => string;

export const spellRatio: Spelling = (value) => `${value.toFixed(2)}x`;
export const spellCount: Spelling = (value) => value.toLocaleString("en");
export const spellMilliseconds: Spelling = (value) => `${decimals(value)} ms`;
export const spellMicroseconds: Spelling = (value) => `${decimals(value)} µs`;
export const spellMegabytes: Spelling = (value) => `${decimals(value / 1e6)} MB`;
export const spellKilobytes: Spelling = (value) => `${decimals(value / 1e3)} kB`;

/** What is added to the bare application has a sign. */
export function added(spell: Spelling): Spelling {
  return (value) => {
    const text = spell(Math.abs(value));
    if (Number.parseFloat(text) === 0) return text;
    return `${value < 0 ? "-" : "+"}${text}`;
  };
}

/** Three digits: more would claim a precision that is not there. */
function decimals(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}

export function measuredCell({ median, p25, p75, count }: Summary, spell: Spelling): Cell {
  return { text: spell(median), spread: count > 1 ? `${spell(p25)} – ${spell(p75)}` : "" };
}

export function measuredCells(
  summaries: ReadonlyMap<VariantName, Summary>,
  spell: Spelling,
): ReadonlyMap<VariantName, Cell> {
  return new Map([...summaries].map(([variant, summary]) => [variant, measuredCell(summary, spell)]));
}

export function countedCell(text: string): Cell {
  return { text, spread: "" };
}
