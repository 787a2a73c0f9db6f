/** The applications of `test/apps/processes`, started with a real port for the page, since port 0 has no groups. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type App, type AppOptions, REGISTER, REPOSITORY, startApp } from "../app.ts";
import type { Exposition } from "../exposition.ts";
import { freePort } from "../free-port.ts";
import { until } from "../until.ts";
import { members, page } from "./page.ts";

export const PROCESSES = join(REPOSITORY, "test/apps/processes");
const START_MS = 30_000;

export interface Service extends App {
  readonly metricsPort: number;
  /** Of all ports that the application has printed. */
  readonly urls: readonly string[];
  page(timeoutMs?: number): Promise<Exposition>;
  /** Resolves when so many members are on the page, all of them fresh. */
  joined(count: number): Promise<Exposition>;
  /** The processes that the application's main process has started and that are alive. */
  children(): number[];
}

export interface ServiceOptions
  extends Partial<Pick<AppOptions, "args" | "flags" | "env" | "listening" | "cwd" | "node">> {
  /** Default: a free one. */
  readonly metricsPort?: number;
}

/** @param script in `test/apps/processes` */
export async function startService(script: string, options: ServiceOptions = {}): Promise<Service> {
  const metricsPort = options.metricsPort ?? (await freePort(0));
  const app = await startApp({
    args: [join(PROCESSES, script)],
    expectsMetrics: false,
    ownGroup: true,
    ...options,
    env: {
      OTEL_LOG_LEVEL: "",
      PORT: String(await freePort(0)),
      ...options.env,
      OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort),
    },
  });
  const ports = /^listening (.*)$/m.exec(app.stdout())?.[1]?.split(" ") ?? [];
  const ownPage = (timeoutMs?: number) => page(metricsPort, timeoutMs);
  // not a spread: `metricsUrl` throws where none was announced
  return Object.assign(Object.create(app) as App, {
    metricsPort,
    urls: ports.map((port) => `http://127.0.0.1:${port}`),
    page: ownPage,
    joined: (count: number) => joined(metricsPort, count),
    children: () => childrenOf(app.process.pid),
  });
}

/** Only the workers of a cluster have the preload, so that one of them serves. */
const ONLY_WORKERS: ServiceOptions = { flags: [], env: { PRELOAD: REGISTER } };

/** A cluster whose workers can be made to end in each way of `deaths.cjs`, also by want of memory. Resolves when all have joined. */
export async function startMortals(workers: number): Promise<Service> {
  const service = await startService("cluster.cjs", {
    ...ONLY_WORKERS,
    env: {
      ...ONLY_WORKERS.env,
      WORKERS: String(workers),
      WORKER_FLAGS: "--max-old-space-size=64",
      INSTRUMENTS: "1",
    },
  });
  await service.joined(workers);
  return service;
}

export function joined(metricsPort: number, count: number): Promise<Exposition> {
  return until(`${count} members are on the page`, START_MS, async () => {
    const exposition = await page(metricsPort);
    const fresh = count === 1 && members(exposition) === 0 ? 1 : members(exposition, "fresh");
    if (fresh !== count || members(exposition, "stale") !== 0)
      throw new Error(`fresh: ${fresh}, stale: ${members(exposition, "stale")}`);
    return exposition;
  });
}

function childrenOf(parent: number | undefined): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && parentOf(pid) === parent);
}

/** Of a process that is alive; a zombie is not. */
function parentOf(pid: number): number | undefined {
  try {
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return state === "Z" ? undefined : Number(parent);
  } catch {
    return undefined; // it has ended
  }
}

export function isAlive(pid: number): boolean {
  return parentOf(pid) !== undefined;
}
