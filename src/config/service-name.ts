/**
 * The name that a service has given itself, in the package.json of its main script.
 */
import { readFileSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/**
 * The `name` in the package.json nearest to the main script, its scope included; undefined where there is none up to
 * the root. A package.json that names nothing (`{"type":"module"}` in a folder of build output) is passed over, and so
 * is one that cannot be read: the application is not to fail, or be told anything, over a name.
 *
 * @param mainScript path of a file or, as in `node .`, of a folder; symbolic links are followed, so that a command in
 *   `node_modules/.bin` is named after its own package
 */
export function nearestPackageName(mainScript: string): string | undefined {
  // starts at the script itself, which may be a folder; a file has no package.json in it, and that is the next miss
  let folder = realPath(mainScript);
  for (;;) {
    const name = packageName(join(folder, "package.json"));
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
