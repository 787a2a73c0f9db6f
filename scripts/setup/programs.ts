/** The programs that the tests start and npm does not install, and how to see whether this machine has them. */
import { spawnSync } from "node:child_process";

export interface SystemProgram {
  readonly name: string;
  /** What the tests want it for. */
  readonly why: string;
  /** Commands, any of which ends with 0 where the program is installed. */
  readonly probes: readonly (readonly [command: string, ...args: string[]])[];
  /** What such a command has to print. Default: anything. */
  readonly prints?: RegExp;
  /** At Debian and Ubuntu. The first one is the program's own. */
  readonly packages: readonly [string, ...string[]];
  /** The version of the package that will do. Default: any. */
  readonly packageVersion?: RegExp;
  /** Where others get it. */
  readonly elsewhere: string;
  /** Default: it is wanted on every platform. */
  readonly platform?: NodeJS.Platform;
}

/** Go fetches the version that a go.mod asks for, but only from 1.21 on. https://go.dev/doc/toolchain */
const FETCHES_TOOLCHAINS = String.raw`1\.(?:2[1-9]|[3-9]\d)\b`;

const SYSTEM_PROGRAMS: readonly SystemProgram[] = [
  {
    name: "prometheus",
    why: "scrapes what we expose, and evaluates the rules",
    probes: [["prometheus", "--version"]],
    packages: ["prometheus"],
    elsewhere: "https://prometheus.io/download/",
  },
  {
    name: "promtool",
    why: "checks expositions, rules and configurations",
    probes: [["promtool", "--version"]],
    packages: ["prometheus"],
    elsewhere: "https://prometheus.io/download/",
  },
  {
    name: "alertmanager",
    why: "sends the alerts",
    probes: [
      ["prometheus-alertmanager", "--version"],
      ["alertmanager", "--version"],
    ],
    packages: ["prometheus-alertmanager"],
    elsewhere: "https://prometheus.io/download/",
  },
  {
    name: "amtool",
    why: "checks how alerts are routed",
    probes: [["amtool", "--version"]],
    packages: ["prometheus-alertmanager"],
    elsewhere: "https://prometheus.io/download/",
  },
  {
    name: "chromium",
    why: "draws the dashboard",
    probes: [
      ["chromium", "--version"],
      ["chromium-browser", "--version"],
      ["google-chrome", "--version"],
    ],
    packages: ["chromium", "fonts-dejavu-core"],
    elsewhere: "https://www.chromium.org/getting-involved/download-chromium/",
  },
  {
    name: "openssl",
    why: "makes the certificates",
    probes: [["openssl", "version"]],
    packages: ["openssl"],
    elsewhere: "https://openssl-library.org/source/",
  },
  {
    name: "go",
    why: "builds the OpenTelemetry Collector; 1.21 or newer, which fetches what go.mod asks for",
    probes: [["go", "version"]],
    prints: new RegExp(`^go version go${FETCHES_TOOLCHAINS}`),
    packages: ["golang-go", "ca-certificates"],
    packageVersion: new RegExp(`^\\d+:${FETCHES_TOOLCHAINS}`),
    elsewhere: "https://go.dev/doc/install",
  },
  {
    name: "ps",
    why: "concurrently ends its processes by it",
    probes: [["ps", "--version"]],
    packages: ["procps"],
    elsewhere: "https://gitlab.com/procps-ng/procps",
    platform: "linux",
  },
  {
    name: "libatomic",
    why: "Node.js 26 is linked with it",
    probes: [
      ["ldconfig", "-p"],
      ["/sbin/ldconfig", "-p"],
    ],
    prints: /libatomic\.so\.1\b/,
    packages: ["libatomic1"],
    elsewhere: "https://gcc.gnu.org/",
    platform: "linux",
  },
];

function isInstalled({ probes, prints }: SystemProgram): boolean {
  return probes.some(([command, ...args]) => {
    const { status, stdout } = spawnSync(command, args, { encoding: "utf8" });
    return status === 0 && (prints?.test(stdout) ?? true);
  });
}

export function missingPrograms(): SystemProgram[] {
  return SYSTEM_PROGRAMS.filter(
    (program) => (program.platform ?? process.platform) === process.platform && !isInstalled(program),
  );
}
