/**
 * UUIDs: a random one, and one that is the same for the same name.
 */
import { readFileSync } from "node:fs";

/** https://man7.org/linux/man-pages/man4/random.4.html: each reading is another one, of version 4 */
const KERNEL_UUID = "/proc/sys/kernel/random/uuid";
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Linux gives one for the reading of a file; `node:crypto`, which otherwise has to do, takes milliseconds and megabytes
 * to load in an application that does not use it.
 */
export function randomUuid(): string {
  try {
    const id = readFileSync(KERNEL_UUID, "latin1").trim();
    if (UUID.test(id)) return id;
  } catch {
    // another system, or a sandbox without /proc
  }
  return process.getBuiltinModule("node:crypto").randomUUID();
}

const VERSION_5 = 0x50;
const VARIANT = 0x80;

/**
 * Version 5, https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-5
 *
 * @param namespace a UUID
 * @throws where Node's crypto refuses SHA-1
 */
export function namedUuid(namespace: string, name: string): string {
  const hash = process.getBuiltinModule("node:crypto").createHash("sha1");
  const bytes = hash
    .update(Buffer.from(namespace.replaceAll("-", ""), "hex"))
    .update(name)
    .digest();
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | VERSION_5, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | VARIANT, 8);
  return bytes.toString("hex", 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
