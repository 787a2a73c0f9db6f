/** What is to be measured, and how often. */
import type { Framework, Variant } from "./variants.ts";

export interface Plan {
  /** Those that are held against the bare application. */
  readonly compared: readonly Variant[];
  /** One-second windows for each variant, and starts of a process. */
  readonly windows: number;
  /** Load on each server before the first window, until V8 has optimised what runs. */
  readonly warmUpSeconds: number;
  /** Processes for each variant, where one has to be started for each measurement. */
  readonly processes: number;
  /** Scrapes of each kind for each of these processes. */
  readonly scrapes: number;
  /** Whose servers are started to see how long that takes. */
  readonly startedServers: readonly Framework[];
  /** Sizes of the expositions, in label sets, ascending. */
  readonly labelSets: readonly number[];
  /** Server-sent-event streams that are open at the same time. */
  readonly streams: number;
  /** Distinct paths that nobody serves. */
  readonly unknownPaths: number;
}

/** The variants that there are for a framework. */
export function comparedOn(plan: Plan, framework: Framework): readonly Variant[] {
  return plan.compared.filter(({ frameworks }) => frameworks.includes(framework));
}
