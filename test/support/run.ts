/** A process that runs to its end, and what it leaves behind. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { REPOSITORY } from "./app.ts";

export interface RunOptions {
  /** The script, or what else comes after Node's own flags. */
  readonly args: readonly string[];
  readonly flags?: readonly string[];
  /** On top of this process's environment. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Default: the Node that runs the tests. */
  readonly command?: string;
  /** Default: 30. */
  readonly deadlineSeconds?: number;
}

export interface Outcome {
  /** The exit code or the signal. */
  readonly exit: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

/** @throws Error with all that it said where it has not ended by the deadline */
export async function run(options: RunOptions): Promise<Outcome> {
  const { args, flags = [], env = {}, deadlineSeconds = 30 } = options;
  const child = spawn(options.command ?? process.execPath, [...flags, ...args], {
    cwd: options.cwd ?? REPOSITORY,
    env: { ...process.env, NODE_OPTIONS: "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text) => {
      said[stream] += text;
    });
  }
  let late = false;
  const deadline = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, deadlineSeconds * 1000);
  const [code, signal] = await once(child, "close");
  clearTimeout(deadline);
  if (late)
    throw new Error(`${args.join(" ")}: not at its end after ${deadlineSeconds} s\n${said.stdout}\n${said.stderr}`);
  return { exit: signal ?? code, ...said };
}

/**
 * Runs what takes a while and is only prepared for: an installation, a build.
 *
 * @throws Error with the command to try by hand, and all that it said, where it does not end with 0 within 180 s
 */
export async function succeed(cwd: string, command: string, args: readonly string[], env = {}): Promise<void> {
  const { exit, stdout, stderr } = await run({ command, args, cwd, env, deadlineSeconds: 180 });
  if (exit !== 0)
    throw new Error(`cd ${cwd} && ${[command, ...args].join(" ")}\nended with ${exit}\n${stdout}${stderr}`);
}
