/** What `npm run setup` does on which machine. */
import type { SystemProgram } from "./programs.ts";

export interface Machine {
  /** The programs that the tests want and that are not there now. */
  missing(): readonly SystemProgram[];
  readonly hasApt: boolean;
  readonly isRoot: boolean;
  /** Whether sudo asks for no password. */
  readonly canSudo: boolean;
  /** What is run again as root. */
  readonly command: string;
  install(programs: readonly SystemProgram[]): void;
  /** Runs the command by sudo. Returns its exit code. */
  runAsRoot(): number;
  say(line: string): void;
}

/** @returns the exit code: 0 where all programs are there */
export function setUp(machine: Machine): number {
  const { say } = machine;
  const missing = machine.missing();
  if (missing.length === 0) {
    say("setup: all programs that the tests want are installed");
    return 0;
  }
  if (machine.hasApt && !machine.isRoot && machine.canSudo) return machine.runAsRoot();

  say("setup: the tests want programs that are not installed:");
  for (const { name, why } of missing) say(`  ${name}: ${why}`);
  if (!machine.hasApt) {
    sayWhereToGet(missing, "this system has no apt-get", say);
    return 1;
  }
  if (!machine.isRoot) {
    say(`setup: only root can install them; run this, and then the tests:\n  sudo ${machine.command}`);
    return 1;
  }
  say("setup: installing them takes some minutes");
  machine.install(missing);
  const left = machine.missing();
  if (left.length > 0) {
    sayWhereToGet(left, "apt-get cannot install all of them", say);
    return 1;
  }
  say("setup: all of them are installed now");
  return 0;
}

function sayWhereToGet(programs: readonly SystemProgram[], reason: string, say: Machine["say"]): void {
  say(`setup: ${reason}; install these by hand, and have them on the PATH:`);
  for (const { name, elsewhere } of programs) say(`  ${name}: ${elsewhere}`);
}
