/**
 * What the files of the frameworks have in common: what they are given, and what they give.
 */
import type { LabelSets } from "../../view/label-sets.ts";
import type { PackageFile } from "./package-files.ts";

/** A framework whose routes are seen at a class of its own, once the file with that class is loaded. */
export interface Framework {
  /** Its files as `require()` gets them, and as `import` does where that is not the same one. */
  readonly commonJs: readonly FrameworkFile[];
  readonly esModules: readonly FrameworkFile[];
}

export interface FrameworkFile extends Omit<PackageFile, "onLoaded"> {
  /** Wraps what it exports; a version that we do not know may lack any of it. Returns what undoes that. */
  readonly observe: (exports: Readonly<Record<string, unknown>>, observation: Observation) => () => void;
}

export interface Observation {
  readonly labelSets: LabelSets;
  /** Takes an exception out of our own code. */
  readonly onFailure: (error: unknown) => void;
}
