/** The licences of the packages whose code is in the bundles: all of them ask to travel with it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";

const LICENCE_FILE = /^(licen[cs]e|copying|notice)(\W|$)/i;

/** Folders of the packages that ended up in an output, after tree-shaking; one copy of each name. */
function bundledPackages(metafiles: readonly Metafile[]): string[] {
  const folderByName = new Map<string, string>();
  for (const output of metafiles.flatMap(({ outputs }) => Object.values(outputs))) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const [folder, name] = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input) ?? [];
      if (folder === undefined || name === undefined || bytesInOutput === 0) continue;
      const other = folderByName.get(name);
      if (other !== undefined && other !== folder) {
        throw new Error(`${name} is bundled twice, from ${other} and ${folder}: align the versions in package.json`);
      }
      folderByName.set(name, folder);
    }
  }
  return [...folderByName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, folder]) => folder);
}

/** Reads the licence texts and notices of one package. @throws if it has none. */
function licenceTexts(folder: string): string {
  const files = readdirSync(folder).filter((file) => LICENCE_FILE.test(file));
  if (!files.some((file) => !/^notice/i.test(file))) {
    throw new Error(`${folder} is bundled but has no licence file: its code may not be shipped without one`);
  }
  return files
    .sort()
    .map((file) => readFileSync(join(folder, file), "utf8").trim())
    .join("\n\n");
}

/** The text of THIRD-PARTY-LICENSES.txt: packages that share a text are named together above it. */
export function licences(root: string, metafiles: readonly Metafile[]): string {
  const packagesByText = new Map<string, string[]>();
  for (const folder of bundledPackages(metafiles)) {
    const { name, version, license, author } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const holder = typeof author === "string" ? author : (author?.name ?? "");
    const line = [`${name}@${version}`, license, holder].filter(Boolean).join(", ");
    const text = licenceTexts(join(root, folder));
    packagesByText.set(text, [...(packagesByText.get(text) ?? []), line]);
  }
  const rule = "=".repeat(80);
  return [
    "The files in this folder contain code of these packages:\n",
    ...[...packagesByText].map(([text, packages]) => `${rule}\n${packages.join("\n")}\n${rule}\n\n${text}\n`),
  ].join("\n");
}
