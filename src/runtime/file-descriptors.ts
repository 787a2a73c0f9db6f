/**
 * File descriptors, open and allowed. Linux only, as with prom-client: elsewhere Node.js has no way to ask.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import type { Meter } from "@opentelemetry/api";
import { counted, observe, type Stop, together } from "./observe.ts";

const OPEN = "/proc/self/fd";

export function observeFileDescriptors(meter: Meter): Stop {
  if (process.platform !== "linux") return () => {};
  const open = meter.createObservableGauge("process_open_fds", {
    description: "Number of open file descriptors.",
    ...counted("file_descriptor"),
  });
  const most = meter.createObservableGauge("process_max_fds", {
    description: "Maximum number of open file descriptors.",
    ...counted("file_descriptor"),
  });
  return together([
    observe(meter, [open], (result) => result.observe(open, openFileDescriptors())),
    observe(meter, [most], (result) => {
      // not a number where there is no limit
      const softLimit = /^Max open files\s+(\d+)\s/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
      if (softLimit !== undefined) result.observe(most, Number(softLimit));
    }),
  ]);
}

/**
 * The size of the directory says it from Linux 6.2 on. To list it takes milliseconds where there are thousands of
 * connections. https://docs.kernel.org/filesystems/proc.html#proc-pid-fd-list-of-symlinks-to-open-files
 */
function openFileDescriptors(): number {
  const { size } = statSync(OPEN);
  // the listing has a descriptor of its own
  return size > 0 ? size : readdirSync(OPEN).length - 1;
}
