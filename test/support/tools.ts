/** What applications are bundled, transpiled and installed with: test/apps/loading/tools, installed at the first run. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "./app.ts";
import { succeed } from "./run.ts";

export const TOOLS = join(REPOSITORY, "test/apps/loading/tools");

/** What installing them may take, beside other tests on a small machine. */
export const INSTALLED_WITHIN_MS = 200_000;

/** Those of its package-lock.json, unless they are there. @throws Error with the command to try by hand */
export async function installTools(): Promise<void> {
  const installed = join(TOOLS, "node_modules/.package-lock.json");
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(TOOLS, "package-lock.json")).mtimeMs)
    return;
  await succeed(TOOLS, "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
}
