/** Packages that are wanted by one part of the project only: a folder with a package.json and a lock file of its own. */
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * Has what the folder's lock file names, by `npm ci` where it is not there yet. No package's install script is run.
 *
 * @throws Error with the command to try by hand, and what npm said
 */
export function installOnce(folder: string): void {
  const installed = join(folder, "node_modules/.package-lock.json");
  const wanted = join(folder, "package-lock.json");
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) return;
  process.stderr.write(`npm ci in ${folder}, once\n`);
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status, error, stderr } = spawnSync("npm", args, { cwd: folder, encoding: "utf8" });
  if (status === 0) return;
  throw new Error(`cd ${folder} && npm ${args.join(" ")}: ${error?.message ?? `exit code ${status}`}\n${stderr}`);
}
