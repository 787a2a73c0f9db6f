/** The shop as a process of its own, started as its owner would start it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const SHOP = fileURLToPath(new URL("shop.js", import.meta.url));

const LISTENING = /^shop listening on (http:\S+)$/;
const START_MS = 30_000;
/** Longer than the keep-alive of an idle connection, which `server.close()` waits for. */
const STOP_MS = 10_000;
/** A signal that comes while the process is already on its way out, after a Ctrl-C that reached both of us, finds no handler. */
const STOPPED = new Set(["code 0", "signal SIGTERM"]);

export interface ShopProcess {
  readonly address: string;
  readonly process: ChildProcess;
  /** Resolves when the process has ended, by itself or not. */
  readonly exited: Promise<string>;
  /** Sends SIGTERM and waits. @throws Error where the shop ends with another code than 0, or not in time. */
  stop(): Promise<void>;
}

/**
 * @param nodeArguments in front of `shop.js`: the preload.
 * @param environment the whole environment of the process.
 * @throws Error where the shop ends, or says nothing for 30 seconds, instead of listening.
 */
export async function startShop(
  nodeArguments: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<ShopProcess> {
  const child = spawn(process.execPath, [...nodeArguments, SHOP], {
    env: environment,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit").then(([code, signal]) => (signal === null ? `code ${code}` : `signal ${signal}`));
  const lines = createInterface({ input: child.stdout });
  const tooLate = setTimeout(() => child.kill("SIGKILL"), START_MS);

  const address = await new Promise<string>((resolve, reject) => {
    lines.on("line", (line) => {
      const [, listening] = LISTENING.exec(line) ?? [];
      if (listening !== undefined) resolve(listening);
    });
    exited.then((how) => reject(new Error(`the shop ended with ${how} before it listened`)), reject);
  }).finally(() => clearTimeout(tooLate));

  return {
    address,
    process: child,
    exited,
    async stop() {
      child.kill("SIGTERM");
      const stuck = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      const how = await exited.finally(() => clearTimeout(stuck));
      if (!STOPPED.has(how))
        throw new Error(`the shop should have ended with code 0 within ${STOP_MS / 1000} s of SIGTERM: ${how}`);
    },
  };
}
