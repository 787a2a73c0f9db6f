/**
 * A random UUID for this process. Linux gives one for the reading of a file; `node:crypto`, which otherwise has to do, takes
 * milliseconds and megabytes to load in an application that does not use it.
 */
import { readFileSync } from "node:fs";

/** https://man7.org/linux/man-pages/man4/random.4.html: each reading is another one, of version 4 */
const KERNEL_UUID = "/proc/sys/kernel/random/uuid";
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function randomInstanceId(): string {
  try {
    const id = readFileSync(KERNEL_UUID, "latin1").trim();
    if (UUID.test(id)) return id;
  } catch {
    // another system, or a sandbox without /proc
  }
  return process.getBuiltinModule("node:crypto").randomUUID();
}
