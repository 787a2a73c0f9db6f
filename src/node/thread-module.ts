/**
 * `node:worker_threads` in a thread, where it is loaded in any case. In the main thread, loading it takes milliseconds and
 * replaces `process.chdir`.
 */
export function threadModule(): typeof import("node:worker_threads") | undefined {
  // in a thread it has been disabled
  return "disabled" in process.chdir ? process.getBuiltinModule("node:worker_threads") : undefined;
}
