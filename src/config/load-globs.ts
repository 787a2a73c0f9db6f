/**
 * Loads what matches globs when a glob needs it. The default of RED_EXCLUDE_PATHS has only names, which are looked up.
 */
import { loadLate } from "../node/late.ts";

export const loadGlobs = () => loadLate<typeof import("./globs.ts")>("globs");
