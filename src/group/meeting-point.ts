/**
 * Where the members of a group meet: a Unix socket in a folder that only this user can enter.
 *
 * TMPDIR does not matter: the processes of a service may have different ones. The name of the socket tells groups apart: by
 * port and host of the endpoint, and by the namespaces in which ports and process ids mean something.
 */
import { lstatSync, mkdirSync, readlinkSync, watch } from "node:fs";
import { dirname, join } from "node:path";
import type { Watch } from "../node/listening.ts";

/** In the order in which they are tried. Linux has the second one, in memory. */
const PARENTS = ["/tmp", "/dev/shm"];
/** Bytes of a Unix socket's path; the system cuts what is longer. https://man7.org/linux/man-pages/man7/unix.7.html */
const LONGEST_PATH = 103;

export class MeetingPoint {
  readonly #name: string;
  readonly #parents: readonly string[];

  /** @param parents default: PARENTS */
  constructor(host: string, port: number, parents: readonly string[] = PARENTS) {
    this.#name = `${[port, namespace("net"), namespace("pid"), encodeURIComponent(host)].join("-")}.sock`;
    this.#parents = parents;
  }

  /** For the user that the process is now: PM2 changes it late. */
  get paths(): string[] {
    return this.#parents.map((parent) => join(parent, `otel-red-${process.geteuid?.()}`, this.#name));
  }
}

/**
 * Whether a member may listen at the path: its folder is there, and ours alone.
 *
 * @throws with the reason where it may not
 */
export function checkFolder(path: string): void {
  const folder = dirname(path);
  const length = Buffer.byteLength(path);
  if (length > LONGEST_PATH) throw new Error(`${path} has ${length} bytes, too many for the path of a Unix socket`);
  const stats = lstatSync(folder);
  if (!stats.isDirectory() || stats.uid !== process.geteuid?.() || (stats.mode & 0o077) !== 0)
    throw new Error(`${folder} is not a folder that only this user can enter`);
}

/** As `checkFolder`, and makes the folder where there is none. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(dirname(path), { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  checkFolder(path);
}

/**
 * Calls back when something in the folder of the path has changed. It does not keep the process alive. Where the system does
 * not let us watch, it never calls back.
 */
export function watchFolder(path: string, onChange: () => void): Watch {
  try {
    const watcher = watch(dirname(path), { persistent: false }, onChange);
    watcher.on("error", () => {});
    return { stop: () => watcher.close() };
  } catch {
    return { stop() {} };
  }
}

/** Its number; empty where the system has none. https://man7.org/linux/man-pages/man7/namespaces.7.html */
function namespace(kind: "net" | "pid"): string {
  try {
    return readlinkSync(`/proc/self/ns/${kind}`).replace(/\D/g, "");
  } catch {
    return "";
  }
}
