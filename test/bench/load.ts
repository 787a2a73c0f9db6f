/**
 * Load for one window: wrk where it is installed, else autocannon. It runs on the benchmark's own core.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { run } from "./processes.ts";

const CONNECTIONS = 32;
/** Longer than any window by far. */
const DEADLINE_MS = 30_000;
/** A server that compiles what it is asked for the first time, on a busy machine, is slow and has not failed. */
const SLOWEST_ANSWER_SECONDS = 20;

const WRK_SCRIPT = fileURLToPath(new URL("wrk.lua", import.meta.url));
const AUTOCANNON_SCRIPT = fileURLToPath(new URL("autocannon.cjs", import.meta.url));

interface LoadGenerator {
  /** With its version, for the reader of the table. */
  readonly title: string;
  /** @returns how many requests were answered with success. @throws Error if any was not */
  load(port: number, pattern: string, seconds: number): Promise<number>;
}

const wrk = (version: string): LoadGenerator => ({
  title: `wrk ${version}`,
  async load(port, pattern, seconds) {
    const options = ["--threads", "1", "--connections", `${CONNECTIONS}`, "--duration", `${seconds}s`];
    const args = [
      ...options,
      "--timeout",
      `${SLOWEST_ANSWER_SECONDS}s`,
      "--script",
      WRK_SCRIPT,
      `http://127.0.0.1:${port}`,
      pattern,
    ];
    const said = await run("wrk", args, DEADLINE_MS);
    const failed = /^\s*(Non-2xx.*|Socket errors.*)$/m.exec(said)?.[1];
    const answered = Number(/^\s*(\d+) requests in /m.exec(said)?.[1]);
    if (failed !== undefined || !(answered > 0)) throw new Error(`load on ${pattern}: ${failed ?? said}`);
    return answered;
  },
});

const autocannon: LoadGenerator = {
  title: "autocannon",
  async load(port, pattern, seconds) {
    const numbers = [CONNECTIONS, seconds, SLOWEST_ANSWER_SECONDS].map(String);
    const args = [AUTOCANNON_SCRIPT, `http://127.0.0.1:${port}`, pattern, ...numbers];
    const { answered, failed, how } = JSON.parse(await run(process.execPath, args, DEADLINE_MS));
    if (failed > 0 || !(answered > 0))
      throw new Error(`load on ${pattern}: ${failed} have failed (${how}), ${answered} have not`);
    return answered;
  },
};

let chosen: LoadGenerator | undefined;

export function loadGenerator(): LoadGenerator {
  chosen ??= choose();
  return chosen;
}

function choose(): LoadGenerator {
  const { error, stdout, stderr } = spawnSync("wrk", ["--version"], { encoding: "utf8" });
  if (error !== undefined) return autocannon;
  return wrk(/\d+\.\d+\.\d+/.exec(stdout + stderr)?.[0] ?? "");
}
