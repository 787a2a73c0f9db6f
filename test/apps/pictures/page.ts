/** One page with the drawings of some rows, each panel where the dashboard has it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Drawing } from "./drawings.ts";

const COLUMNS = 24;
const COLUMN_PX = 50;
const LINE_PX = 25;
const HEADING_PX = 34;

/** uPlot draws Grafana's own time series, too. */
const SCRIPTS = [
  fileURLToPath(import.meta.resolve("uplot/dist/uPlot.iife.min.js")),
  join(import.meta.dirname, "draw.js"),
];
const STYLES = [fileURLToPath(import.meta.resolve("uplot/dist/uPlot.min.css")), join(import.meta.dirname, "page.css")];

export interface Page {
  readonly html: string;
  readonly width: number;
  readonly height: number;
}

export function page(rows: ReadonlyMap<string, readonly Drawing[]>): Page {
  let top = 0;
  const placed: object[] = [];
  for (const [title, drawings] of rows) {
    placed.push({ kind: "heading", title, left: 0, top, width: COLUMNS * COLUMN_PX, height: HEADING_PX });
    top += HEADING_PX;
    const firstLine = Math.min(...drawings.map(({ place }) => place.y));
    for (const { place, ...drawn } of drawings) {
      const box = { left: place.x * COLUMN_PX, top: top + (place.y - firstLine) * LINE_PX };
      placed.push({ ...drawn, ...box, width: place.w * COLUMN_PX, height: place.h * LINE_PX });
    }
    top += LINE_PX * Math.max(...drawings.map(({ place }) => place.y + place.h - firstLine));
  }
  const read = (files: readonly string[]) => files.map((file) => readFileSync(file, "utf8")).join("\n");
  const data = JSON.stringify(placed).replaceAll("<", "\\u003c");
  return {
    html: `<!doctype html><meta charset="utf-8"><style>${read(STYLES)}</style><body><script>const PANELS = ${data};\n${read(SCRIPTS)}</script>`,
    width: COLUMNS * COLUMN_PX,
    height: top,
  };
}
