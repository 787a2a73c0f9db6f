/**
 * Tells when a process serves the metrics of this service: for the primary of a cluster, which is no server and takes part
 * once a worker is.
 */
import { existsSync, type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";
import type { Watch } from "../node/listening.ts";
import { MeetingPoint, makeFolder } from "./meeting-point.ts";

/** Calls back once, perhaps at once. Where the system cannot tell, never. */
export function onceServed(host: string, port: number, callback: () => void): Watch {
  const { paths } = new MeetingPoint(host, port);
  const watchers: FSWatcher[] = [];
  const stop = () => {
    for (const watcher of watchers.splice(0)) watcher.close();
  };
  const check = () => {
    if (!paths.some((path) => existsSync(path))) return;
    stop();
    callback();
  };
  for (const path of paths) {
    try {
      makeFolder(path);
      const watcher = watch(dirname(path), { persistent: false }, check);
      watcher.on("error", () => {});
      watchers.push(watcher);
    } catch {
      // the next folder may do
    }
  }
  check();
  return { stop };
}
