/** The table of the matrix: framework × way of loading × instrumentation, by version of Node.js. */
import { getBorderCharacters, table } from "table";
import { INSTRUMENTATIONS } from "../support/app.ts";
import type { TestResult } from "./reporter.ts";

interface Cell {
  passed: number;
  failed: number;
}

/** The results by version of Node.js. */
export type MatrixResults = ReadonlyMap<string, readonly TestResult[]>;

export function matrixTable(results: MatrixResults): string {
  const rows = new Map<string, Map<string, Cell>>();
  for (const [version, tests] of results)
    for (const test of tests) {
      const name = JSON.stringify(rowOf(test.suites));
      const row = rows.get(name) ?? new Map<string, Cell>();
      rows.set(name, row);
      const cell = row.get(version) ?? { passed: 0, failed: 0 };
      row.set(version, cell);
      if (test.failure === undefined) cell.passed++;
      else cell.failed++;
    }
  const versions = [...results.keys()];
  const lines = [...rows].map(([name, row]) => [
    ...(JSON.parse(name) as string[]),
    ...versions.map((version) => shown(row.get(version))),
  ]);
  const headings = ["framework", "loaded as", "instrumentation", ...versions.map((version) => `Node ${version}`)];
  return table([headings, ...lines], {
    border: getBorderCharacters("void"),
    columnDefault: { paddingLeft: 0, paddingRight: 2 },
    drawHorizontalLine: () => false,
  }).trimEnd();
}

/** `["Koa 3, koa.cjs, light"]` → `["Koa 3", "CommonJS", "light"]` */
function rowOf(suites: readonly string[]): [framework: string, loadedAs: string, instrumentation: string] {
  const parts = suites.join(", ").split(", ");
  const instrumentation = INSTRUMENTATIONS.find((name) => parts.includes(name)) ?? "";
  const loadedAs = parts.map(moduleSystem).find((name) => name !== undefined) ?? "";
  const framework = parts.filter((part) => part !== instrumentation && moduleSystem(part) === undefined);
  return [framework.join(", "), loadedAs, instrumentation];
}

function moduleSystem(part: string): string | undefined {
  if (part === "CommonJS" || part.endsWith(".cjs")) return "CommonJS";
  return part === "ES modules" || part.endsWith(".mjs") ? "ES modules" : undefined;
}

function shown(cell: Cell | undefined): string {
  if (cell === undefined) return "not run";
  return cell.failed === 0 ? `${cell.passed} passed` : `${cell.passed} passed, ${cell.failed} FAILED`;
}
