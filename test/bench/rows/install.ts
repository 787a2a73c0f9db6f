/**
 * What an installation takes on the disk: in an empty folder, by npm, with all that comes along.
 */
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageVersion, ROOT } from "../machine.ts";
import type { Plan } from "../plan.ts";
import { run } from "../processes.ts";
import { type Cell, countedCell, type Row, spellCount, spellMegabytes } from "../row.ts";
import type { VariantName } from "../variants.ts";

const DEADLINE_MS = 300_000;
const QUIETLY = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
/** Of what a file system allots. https://nodejs.org/api/fs.html#statsblocks */
const BLOCK_BYTES = 512;

export async function installSize(plan: Plan): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "otel-red-bench-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  try {
    const sizes = new Map<VariantName, Cell>();
    const counts = new Map<VariantName, Cell>();
    for (const { name, packages } of plan.compared.filter((variant) => variant.packages.length > 0)) {
      const specifiers = await Promise.all(packages.map((each) => specifier(each, folder)));
      const { bytes, count } = await install(specifiers, join(folder, name));
      sizes.set(name, countedCell(spellMegabytes(bytes)));
      counts.set(name, countedCell(spellCount(count)));
    }
    return [
      { title: "Install size", cells: sizes },
      { title: "Packages installed", cells: counts },
    ];
  } finally {
    remove();
    process.off("exit", remove);
  }
}

async function specifier(name: string, folder: string): Promise<string> {
  if (name !== "otel-red") return `${name}@${packageVersion(name)}`;
  const packed = await run("npm", ["pack", "--json", "--pack-destination", folder, ...QUIETLY], DEADLINE_MS, ROOT);
  return join(folder, firstFilename(JSON.parse(packed)));
}

/** An array up to npm 11, keyed by the package's name from npm 12 on. */
function firstFilename(packed: Readonly<Record<string, { readonly filename: string }>>): string {
  const [first] = Object.values(packed);
  if (first === undefined) throw new Error("npm pack has packed nothing");
  return first.filename;
}

async function install(specifiers: readonly string[], folder: string): Promise<{ bytes: number; count: number }> {
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  await run("npm", ["install", ...QUIETLY, ...specifiers], DEADLINE_MS, folder);
  const modules = join(folder, "node_modules");
  let bytes = 0;
  let count = 0;
  for (const entry of readdirSync(modules, { recursive: true, withFileTypes: true })) {
    bytes += lstatSync(join(entry.parentPath, entry.name)).blocks * BLOCK_BYTES;
    if (entry.isDirectory() && isPackage(join(entry.parentPath, entry.name))) count++;
  }
  return { bytes, count };
}

function isPackage(path: string): boolean {
  return /\/node_modules\/(@[^/]+\/)?[^/@.][^/]*$/.test(path);
}
