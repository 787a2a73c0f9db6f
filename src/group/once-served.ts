/**
 * Tells when a process serves the metrics of this service: for the primary of a cluster, which is no server and takes part
 * once a worker is.
 */
import { existsSync } from "node:fs";
import type { Watch } from "../node/listening.ts";
import { MeetingPoint, makeFolder, watchFolder } from "./meeting-point.ts";

/** Calls back once, perhaps at once. Where the system cannot tell, never. */
export function onceServed(host: string, port: number, callback: () => void): Watch {
  const { paths } = new MeetingPoint(host, port);
  const watches: Watch[] = [];
  const stop = () => {
    for (const watch of watches.splice(0)) watch.stop();
  };
  const check = () => {
    if (!paths.some((path) => existsSync(path))) return;
    stop();
    callback();
  };
  for (const path of paths) {
    try {
      makeFolder(path);
      watches.push(watchFolder(path, check));
    } catch {
      // the next folder may do
    }
  }
  check();
  return { stop };
}
