/**
 * Tells when this process has become the primary of a cluster. Its workers' messages are the application's: they are not
 * listened to. Node publishes each child process that is started.
 * https://nodejs.org/api/diagnostics_channel.html#child-process
 */

import type { Cluster } from "node:cluster";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Watch } from "./listening.ts";

const CHILD_PROCESS = "child_process";

/** Calls back once, in a later turn of the event loop. */
export function oncePrimary(callback: () => void, onFailure: (error: unknown) => void): Watch {
  const check = () => {
    try {
      // a process that starts others need not be a primary; one that is has loaded the module
      if (!isPrimary()) return;
      stop();
      callback();
    } catch (error) {
      onFailure(error);
    }
  };
  // the worker is known to its primary once it has been started
  const onChild = () => void setImmediate(check).unref();
  const stop = () => void unsubscribe(CHILD_PROCESS, onChild);
  subscribe(CHILD_PROCESS, onChild);
  return { stop };
}

function isPrimary(): boolean {
  if (!(process as { readonly moduleLoadList?: readonly string[] }).moduleLoadList?.includes("NativeModule cluster"))
    return false;
  const { isPrimary, workers } = process.getBuiltinModule("node:cluster") as unknown as Cluster;
  return isPrimary && Object.keys(workers ?? {}).length > 0;
}
