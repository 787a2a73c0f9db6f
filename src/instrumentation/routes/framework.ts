/**
 * What the files of the frameworks have in common: what they are given, and what they give.
 */

import type { PackageFile } from "../../node/package-files.ts";
import type { LabelSets } from "../../view/label-sets.ts";
import type { Undo } from "./wrapped-method.ts";

/** A framework whose routes are seen at a class of its own: the files with that class, as each module system gets it. */
export type Framework = readonly FrameworkFile[];

export interface FrameworkFile extends Omit<PackageFile, "onLoaded"> {
  /** Wraps what it exports; a version that we do not know may lack any of it, or all. */
  readonly observe: (exports: Readonly<Record<string, unknown>>, observation: Observation) => Undo;
}

export interface Observation {
  readonly labelSets: LabelSets;
  /** Takes a framework whose routes cannot be seen, in words. */
  readonly onUnknown: (message: string) => void;
  /** Takes an exception out of our own code. */
  readonly onFailure: (error: unknown) => void;
}
