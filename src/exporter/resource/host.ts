/**
 * The host. Its name and architecture are what everybody wants to know; its id is told only where it is asked for.
 *
 * With the id it is what OpenTelemetry's own detector tells, without what that costs on Linux: it reads the machine's id by
 * `fs.promises`, which take time and memory to load, and start the thread pool of a process that may have no need of it.
 */
import { readFileSync } from "node:fs";
import { arch, hostname } from "node:os";
import type { ResourceDetector } from "@opentelemetry/resources";
import { ATTR_HOST_ARCH, ATTR_HOST_ID, ATTR_HOST_NAME } from "@opentelemetry/semantic-conventions/incubating";
import { loadLate } from "../../node/late.ts";

/** https://www.freedesktop.org/software/systemd/man/latest/machine-id.html */
const MACHINE_ID_FILES = ["/etc/machine-id", "/var/lib/dbus/machine-id"];

/** Where OpenTelemetry has another name for it than Node.js. */
const ARCHITECTURES: Readonly<Record<string, string>> = { arm: "arm32", ppc: "ppc32", x64: "amd64" };

const nameAndArchitecture = () => ({
  [ATTR_HOST_NAME]: hostname(),
  [ATTR_HOST_ARCH]: ARCHITECTURES[arch()] ?? arch(),
});

export const hostWithoutId: ResourceDetector = { detect: () => ({ attributes: nameAndArchitecture() }) };

const linuxHostDetector: ResourceDetector = {
  detect() {
    const id = machineId();
    return { attributes: { ...nameAndArchitecture(), ...(id === undefined ? {} : { [ATTR_HOST_ID]: id }) } };
  },
};

export const ownHostDetector: ResourceDetector =
  process.platform === "linux"
    ? linuxHostDetector
    : { detect: (config) => loadLate<typeof import("./other-hosts.ts")>("other-hosts").hostDetector.detect(config) };

function machineId(): string | undefined {
  for (const file of MACHINE_ID_FILES) {
    try {
      return readFileSync(file, "utf8").trim();
    } catch {
      // a container has none, as a rule
    }
  }
  return undefined;
}
