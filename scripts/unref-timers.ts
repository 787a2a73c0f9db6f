/**
 * `setTimeout` in the bundles: none of our timers keeps a process alive. The exporters' own would, for as long as
 * they wait for an answer, or for the next attempt. Nor does one have Node warn of a delay below 0, which is what the
 * exporters make of a collector's `Retry-After: 0`.
 */
import * as timers from "node:timers";

/** Taken at once: an application under test replaces it, and puts it back. */
const native = timers.setTimeout;

function unrefTimeout(...[callback, delayMs = 0, ...others]: Parameters<typeof native>): NodeJS.Timeout {
  return native(callback, Math.max(0, delayMs), ...others).unref();
}

export { unrefTimeout as setTimeout };
