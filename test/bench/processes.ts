/**
 * Child processes, on a core of their own where the machine lets us choose, and none of them left behind.
 */
import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const running = new Set<ChildProcess>();

/** Whatever ends this process, what it has started ends with it. Called once, by a program's main file. */
export function leaveNothingBehind(): void {
  process.on("exit", () => {
    for (const child of running) child.kill("SIGKILL");
  });
  for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 })) {
    process.on(signal, () => process.exit(code));
  }
}

export interface Cores {
  /** The core of the servers that are measured. */
  readonly server: number;
  /** The core of the load, and of the benchmark itself. */
  readonly load: number;
}

let cores: Cores | undefined;

/** Undefined where server and load share what there is. */
export function coresApart(): Cores | undefined {
  return cores;
}

/**
 * From now on servers run on a core of their own, and this process with all the load that it starts on another one;
 * they share what there is where the machine has one core only, or no `taskset`.
 */
export function keepApart(): void {
  cores = chooseCores();
  if (cores === undefined) return;
  spawnSync("taskset", ["--all-tasks", "--cpu-list", "--pid", `${cores.load}`, `${process.pid}`]);
}

/** The first and the last one that this process may use. */
function chooseCores(): Cores | undefined {
  if (spawnSync("taskset", ["--version"]).status !== 0) return undefined;
  const [, list = ""] = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  const numbers = list.split(/[,-]/).map(Number);
  const server = numbers[0];
  const load = numbers.at(-1);
  return server === undefined || load === undefined || server === load ? undefined : { server, load };
}

/** Starts a program beside the benchmark. It is killed when the benchmark ends, however that happens. */
export function launch(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(command, args, options);
  running.add(child);
  child.once("close", () => running.delete(child));
  child.once("error", () => running.delete(child));
  return child;
}

/** Starts Node, on the core of the servers if there is one. */
export function launchServer(args: readonly string[], options: SpawnOptions): ChildProcess {
  if (cores === undefined) return launch(process.execPath, args, options);
  return launch("taskset", ["--cpu-list", `${cores.server}`, process.execPath, ...args], options);
}

/**
 * Runs a program to its end.
 *
 * @returns what it printed on stdout. @throws Error with its stderr where it fails or takes longer than the deadline
 */
export async function run(command: string, args: readonly string[], deadlineMs: number, cwd?: string): Promise<string> {
  const child = launch(command, args, { stdio: ["ignore", "pipe", "pipe"], ...(cwd === undefined ? {} : { cwd }) });
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  const tooLate = setTimeout(() => child.kill("SIGKILL"), deadlineMs);
  const ended = new Promise<string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(signal ?? `code ${code}`));
  });
  const how = await ended.finally(() => clearTimeout(tooLate));
  if (how !== "code 0") throw new Error(`${command} ${args.join(" ")} ended with ${how}: ${(stderr || stdout).trim()}`);
  return stdout;
}
