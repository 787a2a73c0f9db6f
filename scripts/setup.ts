/**
 * `npm run setup`: installs what the tests want and npm does not install, with Debian's or Ubuntu's package manager.
 *
 * It ends with 0 where all of it is there, else with 1, after it has said what to do.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type AptMachine, installPrograms } from "./setup/apt.ts";
import { missingPrograms } from "./setup/programs.ts";
import { setUp } from "./setup/set-up.ts";

/** What sudo would take from us. */
const KEPT_VARIABLES = ["PATH", "http_proxy", "https_proxy", "no_proxy"];

const command = [process.execPath, fileURLToPath(import.meta.url)];
const succeeds = (name: string, ...args: string[]) => spawnSync(name, args).status === 0;

const debian: AptMachine = {
  policyFile: "/usr/sbin/policy-rc.d",
  sourceFile: "/etc/apt/sources.list.d/otel-red-setup.list",
  releaseFile: "/etc/os-release",
  run(name, ...args) {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const { status, stdout, stderr } = spawnSync(name, args, { encoding: "utf8", env, maxBuffer: 64 * 1024 * 1024 });
    if (status === 0) return stdout;
    console.error(`setup: ${[name, ...args].join(" ")} ended with ${status}\n${stdout}${stderr}`);
    return undefined;
  },
};

process.exitCode = setUp({
  missing: missingPrograms,
  hasApt: succeeds("apt-get", "--version"),
  isRoot: process.getuid?.() === 0,
  canSudo: succeeds("sudo", "-n", "true"),
  command: command.join(" "),
  install: (programs) => installPrograms(programs, debian),
  runAsRoot() {
    const kept = KEPT_VARIABLES.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [`${name}=${value}`];
    });
    return spawnSync("sudo", ["-n", "env", ...kept, ...command], { stdio: "inherit" }).status ?? 1;
  },
  say: (line) => console.log(line),
});
