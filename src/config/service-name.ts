/**
 * The name that a service has given itself, in a package.json.
 */
import { readFileSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** A file, or a folder, of an installed package. */
const INSTALLED = /[\\/]node_modules(?:[\\/]|$)/;

/**
 * The name in the package.json of the application; undefined where there is none.
 *
 * That is the one nearest to its main script. Where the script is a command of an installed package (`next start`), it is
 * the one nearest to the working directory. Those of installed packages, of the root and of the home folder are passed
 * over there: they belong to no application. If no other is left, it is again the one nearest to the script.
 *
 * @param mainScript path of a file or folder
 * @param workingFolder in which the main script runs
 */
export function applicationName(mainScript: string, workingFolder: string | undefined): string | undefined {
  const isCommand = workingFolder !== undefined && INSTALLED.test(realPath(mainScript));
  return (isCommand ? nearestName(workingFolder, belongsToApplication()) : undefined) ?? nearestName(mainScript);
}

function belongsToApplication(): (folder: string) => boolean {
  // loaded only for this
  const home = realPath(process.getBuiltinModule("node:os").homedir());
  return (folder) => folder !== home && folder !== dirname(folder) && !INSTALLED.test(folder);
}

/**
 * The `name` in the nearest package.json, its scope included; undefined where there is none up to the root. A package.json that names nothing (`{"type":"module"}` in a folder of build output) is passed over, and so
 * is one that cannot be read: the application is not to fail, or be told anything, over a name.
 *
 * @param path of a file or, as in `node .`, of a folder; symbolic links are followed, so that a command in
 *   `node_modules/.bin` is named after its own package
 */
function nearestName(path: string, isLookedAt: (folder: string) => boolean = () => true): string | undefined {
  // starts at the script itself, which may be a folder; a file has no package.json in it, and that is the next miss
  let folder = realPath(path);
  for (;;) {
    const name = isLookedAt(folder) ? packageName(join(folder, "package.json")) : undefined;
    if (name !== undefined) return name;
    const parent = dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // `node app` for app.js: Node resolves the extension after the preload has run
    return resolve(path);
  }
}

function packageName(packageJson: string): string | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(packageJson, "utf8").replace(/^\uFEFF/, ""));
    const name = (content as { name?: unknown } | null)?.name;
    return typeof name === "string" && name.trim() !== "" ? name.trim() : undefined;
  } catch {
    return undefined;
  }
}
