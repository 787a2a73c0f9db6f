/** Debian's package manager, as root: installs the packages of programs, starts none of their daemons, leaves no traces. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { SystemProgram } from "./programs.ts";

/** The machine as apt knows it. */
export interface AptMachine {
  /** Packages ask this program whether they may start their daemon. */
  readonly policyFile: string;
  /** A file of apt's own folder of sources, for as long as we need backports. */
  readonly sourceFile: string;
  /** Says which system it is. https://www.freedesktop.org/software/systemd/man/latest/os-release.html */
  readonly releaseFile: string;
  /** Runs a command. Returns what it has printed; undefined where it has failed. */
  run(command: string, ...args: string[]): string | undefined;
}

const DENY_ALL = "#!/bin/sh\nexit 101\n";
const OPTIONS = ["-qq", "-o", "DPkg::Lock::Timeout=300"];
const INSTALL = [...OPTIONS, "install", "-y", "--no-install-recommends"];
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Installs each program by itself, so that one that cannot be installed is not in the way of the others. */
export function installPrograms(programs: readonly SystemProgram[], machine: AptMachine): void {
  const { policyFile, sourceFile } = machine;
  const hasPolicy = existsSync(policyFile);
  // Ctrl-C ends apt-get as well; we go on, and clean up
  const ignore = () => {};
  for (const signal of SIGNALS) process.on(signal, ignore);
  try {
    if (!hasPolicy) writeFileSync(policyFile, DENY_ALL, { mode: 0o755 });
    machine.run("apt-get", ...OPTIONS, "update");
    const tooOld = programs.filter((program) => !isCandidateFit(program, machine));
    const others = programs.filter((program) => !tooOld.includes(program));
    for (const { packages } of others) machine.run("apt-get", ...INSTALL, ...packages);
    const release = tooOld.length > 0 ? addBackports(machine) : undefined;
    if (release === undefined) return;
    for (const { packages } of tooOld) machine.run("apt-get", ...INSTALL, "--target-release", release, ...packages);
  } finally {
    if (!hasPolicy) rmSync(policyFile, { force: true });
    rmSync(sourceFile, { force: true });
    for (const signal of SIGNALS) process.off(signal, ignore);
  }
}

/** Whether the version that apt would install is one that the tests can use. */
function isCandidateFit({ packages: [own], packageVersion }: SystemProgram, { run }: AptMachine): boolean {
  if (packageVersion === undefined) return true;
  const [, candidate = ""] = /^ *Candidate: (.*)$/m.exec(run("apt-cache", "policy", own) ?? "") ?? [];
  return packageVersion.test(candidate);
}

/**
 * Has apt know Debian's backports, on the mirror that it is configured with.
 *
 * @returns the name of that release; undefined where there is none
 */
function addBackports({ releaseFile, sourceFile, run }: AptMachine): string | undefined {
  const system = readFileSync(releaseFile, "utf8");
  const [, codename] = /^VERSION_CODENAME=(\w+)$/m.exec(system) ?? [];
  if (codename === undefined || !/^ID=debian$/m.test(system)) return undefined;
  const targets = run("apt-get", "indextargets", "--format", "$(RELEASE) $(REPO_URI)", "Created-By: Packages");
  const [, mirror] = new RegExp(`^${codename} (\\S+)$`, "m").exec(targets ?? "") ?? [];
  if (mirror === undefined) return undefined;
  const release = `${codename}-backports`;
  writeFileSync(sourceFile, `deb ${mirror} ${release} main\n`);
  return run("apt-get", ...OPTIONS, "update") === undefined ? undefined : release;
}
