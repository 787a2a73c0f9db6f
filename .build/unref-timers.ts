/**
 * `setTimeout` in the bundles: none of our timers keeps a process alive. The exporters' own would, for as long as
 * they wait for an answer, or for the next attempt.
 */
import * as timers from "node:timers";

/** Taken at once: an application under test replaces it, and puts it back. */
const native = timers.setTimeout;

function unrefTimeout(...parameters: Parameters<typeof native>): NodeJS.Timeout {
  return native(...parameters).unref();
}

export { unrefTimeout as setTimeout };
