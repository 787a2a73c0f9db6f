/**
 * The application of test/apps/next, installed and built with one version of Next.js. That takes a minute, so it is kept for
 * as long as no file of it changes.
 */
import { createHash } from "node:crypto";
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "./app.ts";
import { succeed } from "./run.ts";

const SOURCES = join(REPOSITORY, "test/apps/next");
/** Not in the node_modules of this repository: Next 15 compiles nothing that has such a folder in its path. */
const BUILT = join(SOURCES, ".built");
const ENVIRONMENT = { NEXT_TELEMETRY_DISABLED: "1", SHOP_BUILD: "1" };

/** In the application's folder. */
export const NEXT_COMMAND = "node_modules/next/dist/bin/next";

/** What installing and building may take, beside other tests on a small machine. */
export const PREPARED_WITHIN_MS = 400_000;

/**
 * Where the application is once it is prepared, with `node_modules` and `.next`.
 *
 * @param version the folder of test/apps/next with its package.json: `16`
 */
export function nextAppFolder(version: string): string {
  return join(BUILT, `${version}-${digest(sourcesOf(version))}`);
}

/** @throws Error with the output of npm or Next, and the command to try by hand */
export async function prepareNextApp(version: string): Promise<void> {
  const folder = nextAppFolder(version);
  const isBuilt = join(folder, "built");
  if (existsSync(isBuilt)) return;
  // half done, or of an earlier version of the application
  for (const stale of globSync(join(BUILT, `${version}-*`))) rmSync(stale, { recursive: true });
  mkdirSync(folder, { recursive: true });
  for (const source of sourcesOf(version)) cpSync(source, folder, { recursive: true });
  await succeed(folder, "npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  await succeed(folder, process.execPath, [NEXT_COMMAND, "build"], ENVIRONMENT);
  // https://nextjs.org/docs/app/api-reference/config/next-config-js/output#automatically-copying-traced-files
  const standalone = join(folder, ".next/standalone");
  cpSync(join(folder, "public"), join(standalone, "public"), { recursive: true });
  cpSync(join(folder, ".next/static"), join(standalone, ".next/static"), { recursive: true });
  writeFileSync(isBuilt, "");
}

function sourcesOf(version: string): readonly string[] {
  return [join(SOURCES, "shop"), join(SOURCES, version)];
}

function digest(folders: readonly string[]): string {
  const hash = createHash("sha256");
  for (const folder of folders) {
    for (const path of globSync("**", { cwd: folder }).sort()) {
      const file = join(folder, path);
      if (statSync(file).isFile()) hash.update(`${path}\0`).update(readFileSync(file));
    }
  }
  return hash.digest("hex").slice(0, 16);
}
