/** Prometheus or Alertmanager as a process: found, started, waited for until it is ready, ended. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../until.ts";

const START_MS = 30_000;
const STOP_MS = 5_000;
const LISTENING = /msg="Listening on".*? address=(\S+)/;

/** A program, by all the names that it is packaged under. */
export interface Program {
  readonly names: readonly [string, ...string[]];
  /** Debian's package. */
  readonly debianPackage: string;
}

/**
 * The name under which the program is on the PATH.
 *
 * @throws Error with the command that installs it where it cannot be had: such a test fails, it is not skipped.
 */
export function requireProgram({ names, debianPackage }: Program): string {
  const found = names.find((name) => spawnSync(name, ["--version"]).error === undefined);
  if (found !== undefined) return found;
  throw new Error(
    `${names[0]} is not installed; install it with: npm run setup, or: apt-get update && apt-get install -y --no-install-recommends ${debianPackage}`,
  );
}

export interface ServerProcess {
  readonly url: string;
  readonly process: ChildProcess;
  /** Resolves with what the server has logged when it has ended, by itself or not. */
  readonly exited: Promise<string>;
  /** Ends it, and removes its data. */
  stop(): Promise<void>;
}

/**
 * @param args given the server's own empty folder for its data.
 * @throws Error with the server's log where it does not come up.
 */
export async function startServer(program: Program, args: (dataFolder: string) => string[]): Promise<ServerProcess> {
  const name = requireProgram(program);
  const dataFolder = mkdtempSync(join(tmpdir(), `otel-red-${program.debianPackage}-`));
  const server = spawn(name, args(dataFolder), { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  server.stderr.setEncoding("utf8").on("data", (text) => {
    log += text;
  });
  const exited = once(server, "close").then(() => log);
  const killWithUs = () => server.kill("SIGKILL");
  process.once("exit", killWithUs);

  const stop = async () => {
    server.kill("SIGTERM");
    const stuck = setTimeout(() => server.kill("SIGKILL"), STOP_MS);
    await exited.finally(() => clearTimeout(stuck));
    process.removeListener("exit", killWithUs);
    rmSync(dataFolder, { recursive: true, force: true });
  };
  try {
    const url = await until(`${name} is ready`, START_MS, async () => {
      if (server.exitCode !== null) throw new Error(`it ended with ${server.exitCode}`);
      const address = LISTENING.exec(log)?.[1];
      return address !== undefined && (await fetch(`http://${address}/-/ready`)).ok ? `http://${address}` : undefined;
    });
    return { url, process: server, exited, stop };
  } catch (error) {
    await stop();
    throw new Error(`${name} did not start: ${log}`, { cause: error });
  }
}
