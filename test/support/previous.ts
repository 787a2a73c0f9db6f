/**
 * Previous major versions of frameworks that cannot be installed beside the current ones, or bring much along:
 * test/apps/previous, installed at the first run.
 */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "./app.ts";
import { installOnce } from "./install-once.ts";

const PREVIOUS = join(REPOSITORY, "test/apps/previous");

/** @throws Error with the command to try by hand */
export function installPrevious(): void {
  installOnce(PREVIOUS);
}

/** Where a package of that name is, once they are installed. */
export function previousPackage(name: string): string {
  return join(PREVIOUS, "node_modules", name);
}

/** Copies a folder of test/apps to where its imports find them. */
export function amongPrevious(folder: string): void {
  cpSync(join(REPOSITORY, "test/apps", folder), previousApp(folder), { recursive: true });
}

/** Where an application of such a folder is: `routes-nest/app.mjs`. */
export function previousApp(path: string): string {
  return join(PREVIOUS, ".built", path);
}
