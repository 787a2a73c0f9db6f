/**
 * Says why the paths of requests are normalised where a framework may have answered them, and what is to be done about
 * it. Asked once, when the first normalised path is counted: a plain server costs that, and gets to hear nothing.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { mainScriptFile } from "../../../config/main-script.ts";
import type { UnseenPackages } from "../../../node/loaded-modules.ts";
import type { BundleMarks } from "../framework.ts";
import { findBundledFrameworks } from "./bundled-frameworks.ts";

const CONSEQUENCE = "routes cannot be seen there, and paths are normalised";
const PATTERNS = "give the patterns of its paths in RED_PATH_PATTERNS";

/** By what a framework is left out of a bundle. */
const EXTERNAL = [
  "esbuild: --packages=external",
  "rollup: external",
  "webpack: externals",
  "Nitro: externals.external, from 3 on rollupConfig.external",
].join(", ");

/** One sentence or two for each framework. */
export async function unseenFrameworks(
  { unknown, hidden }: UnseenPackages,
  bundles: readonly BundleMarks[],
): Promise<string[]> {
  const bundled = await findBundledFrameworks(mainScriptFile(), bundles);
  return [
    ...bundled.map(
      ({ framework, isAlwaysBundled, file }) =>
        `${framework} is bundled into ${file}: ${CONSEQUENCE}. ` +
        (isAlwaysBundled
          ? `To have templates, ${PATTERNS}`
          : `Leave it out of the bundle (${EXTERNAL}) and install it beside, or ${PATTERNS}`),
    ),
    ...unknown.map(
      (folder) =>
        `${folder} is of a version that is not known${versionOf(folder)}: ${CONSEQUENCE}. ` +
        `Take a version that otel-red has been tested with, or ${PATTERNS}`,
    ),
    ...(hidden.length > 0 ? [hiddenByPlugAndPlay(hidden.join(", "))] : []),
  ];
}

function hiddenByPlugAndPlay(names: string): string {
  return (
    `Yarn's Plug'n'Play on Node.js ${process.versions.node} does not show which ES modules are imported (${names}): ` +
    `if they answer requests, ${CONSEQUENCE}. Take Node.js 22.15 or later, or nodeLinker: node-modules, or ${PATTERNS}`
  );
}

function versionOf(folder: string): string {
  try {
    const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version?: unknown };
    return ` (${version})`;
  } catch {
    return "";
  }
}
