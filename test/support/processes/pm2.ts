/** PM2 as its users have it: a daemon in the foreground, and commands to it. */
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { REGISTER, REPOSITORY } from "../app.ts";
import { freePort } from "../free-port.ts";
import { installOnce } from "../install-once.ts";
import { run } from "../run.ts";
import { PROCESSES, type Service, startService } from "./service.ts";

const SUPERVISED = join(REPOSITORY, "test/apps/supervised");
const DEADLINE_SECONDS = 60;

export type Mode = "cluster" | "fork";

export interface Pm2 {
  readonly service: Service;
  /** `pm2 <args>`. @throws Error with its output where it fails */
  command(...args: string[]): Promise<void>;
  stop(): Promise<void>;
}

export function installSupervised(): void {
  installOnce(SUPERVISED);
}

/**
 * Starts so many instances of `server.cjs` with the preload in `node_args`. In fork mode each listens on a port of its own.
 *
 * @param version the folder of PM2 in node_modules
 */
export async function startPm2(version: string, mode: Mode, instances: number): Promise<Pm2> {
  const folder = mkdtempSync(join(tmpdir(), "otel-red-pm2-"));
  cpSync(PROCESSES, folder, { recursive: true });
  symlinkSync(join(SUPERVISED, "node_modules"), join(folder, "node_modules"));
  const port = await freePort(0);
  const ecosystem = {
    name: "processes",
    script: "server.cjs",
    exec_mode: mode,
    instances,
    node_args: `--require ${REGISTER}`,
    ...(mode === "fork" ? { increment_var: "PORT" } : {}),
    env: { PORT: port },
  };
  writeFileSync(join(folder, "ecosystem.config.json"), JSON.stringify({ apps: [ecosystem] }));
  const env = {
    NODE_OPTIONS: "",
    PM2_HOME: join(folder, ".pm2"),
    PM2_DISABLE_VERSION_CHECK: "true",
    NO_COLOR: "1",
  };
  const service = await startService("", {
    flags: [],
    cwd: folder,
    args: [`node_modules/${version}/bin/pm2-runtime`, "start", "ecosystem.config.json"],
    env,
    listening: /listening (\d+)/,
  });
  const ports = Array.from({ length: mode === "fork" ? instances : 1 }, (_, i) => port + i);
  return {
    service: Object.assign(service, { urls: ports.map((each) => `http://127.0.0.1:${each}`) }),
    async command(...args) {
      const { exit, stdout, stderr } = await run({
        args: [`node_modules/${version}/bin/pm2`, ...args],
        cwd: folder,
        env,
        deadlineSeconds: DEADLINE_SECONDS,
      });
      if (exit !== 0) throw new Error(`pm2 ${args.join(" ")} ended with ${exit}\n${stdout}${stderr}`);
    },
    async stop() {
      await service.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
