/**
 * The table, for a terminal or for docs/benchmarks.md.
 */
import { styleText } from "node:util";
import { getBorderCharacters, table } from "table";
import type { Row } from "./row.ts";
import type { Variant } from "./variants.ts";

const NOT_APPLICABLE = "–";
const TITLE_WIDTH = 30;
const NARROWEST = 10;

/** @param variants the columns */
export function terminalTable(rows: readonly Row[], variants: readonly Variant[]): string {
  const header = ["", ...variants.map(({ title }) => styleText("bold", title))];
  const lines = rows.map(({ title, cells }) => [
    title,
    ...variants.map(({ name }) => {
      const cell = cells.get(name);
      if (cell === undefined) return NOT_APPLICABLE;
      return cell.spread === "" ? cell.text : `${cell.text}\n${styleText("dim", cell.spread.replace(" – ", "\n– "))}`;
    }),
  ]);
  return table([header, ...lines], {
    border: getBorderCharacters("norc"),
    columnDefault: { paddingLeft: 0, paddingRight: 1, alignment: "right", wrapWord: true },
    columns: [
      { alignment: "left", width: TITLE_WIDTH },
      ...variants.map(({ title }) => ({ width: Math.max(NARROWEST, longestPart(title)) })),
    ],
    drawVerticalLine: () => false,
    drawHorizontalLine: (index) => index === 1,
  });
}

/** Of what may stand on a line of its own. */
function longestPart(title: string): number {
  return Math.max(...title.split(/ |(?<=-)/).map((part) => part.length));
}

/** @param variants the columns */
export function markdownTable(rows: readonly Row[], variants: readonly Variant[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(["", ...variants.map(({ title }) => title)]),
    line(["---", ...variants.map(() => "---:")]),
    ...rows.map(({ title, cells }) =>
      line([
        title,
        ...variants.map(({ name }) => {
          const cell = cells.get(name);
          if (cell === undefined) return NOT_APPLICABLE;
          return cell.spread === "" ? cell.text : `**${cell.text}** (${cell.spread})`;
        }),
      ]),
    ),
  ].join("\n");
}

/** How to read the table. */
export const READING =
  "Median (first to third quartile). The bare application's figures are its own; the others are held against the bare " +
  "measurement nearest in time, but for those of a scrape, where the bare column shows what the measuring itself takes. " +
  "The distance of “bare again” from 1.00x or 0 is the noise.";
