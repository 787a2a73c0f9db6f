/**
 * The frameworks whose routes are seen at a class of their own: each one's file is asked once that class is loaded.
 */

import { observeLoadedModules, type UnseenPackages } from "../../node/loaded-modules.ts";
import type { PackageFile } from "../../node/package-files.ts";
import type { FrameworkFile, Observation } from "./framework.ts";
import { h3 } from "./h3.ts";
import { hapi } from "./hapi.ts";
import { hono } from "./hono.ts";
import { koa } from "./koa.ts";
import { observeNitro } from "./nitro.ts";
import { polka } from "./polka.ts";
import { restify } from "./restify.ts";

const FRAMEWORKS = [koa, hono, hapi, restify, h3, polka];

const UNKNOWN =
  "of this version is not known, and its requests may be shown with normalised paths. " +
  "Take a version that otel-red has been tested with, or give the patterns of its paths in RED_PATH_PATTERNS";

export interface FrameworksObserver {
  /** Looks for frameworks that were loaded late, where Node does not tell. */
  searchAgain(): void;
  /** Frameworks that the application has, and that are out of reach. */
  unseen(): UnseenPackages;
  /** Puts back what was wrapped; requests under way are still told their routes. */
  remove(): void;
}

export function observeFrameworks(observation: Observation): FrameworksObserver {
  const undo: (() => void)[] = [];
  const observed = ({ observe, ...file }: FrameworkFile): PackageFile => ({
    ...file,
    onLoaded: (exports) => {
      const done = observe(exports, observation);
      if (done !== undefined) undo.push(done);
      else observation.onUnknown(`${file.package}: ${file.file} ${UNKNOWN}`);
    },
  });
  const modules = observeLoadedModules(FRAMEWORKS.flat().map(observed), observation.onFailure);
  const nitro = observeNitro(observation);
  return {
    searchAgain: modules.searchAgain,
    unseen: modules.unseen,
    remove() {
      modules.remove();
      nitro.remove();
      for (const each of undo.splice(0)) each();
    },
  };
}
