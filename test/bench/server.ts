/**
 * An application of the benchmark under one variant, as a process of its own, and the questions it answers.
 */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { launchServer } from "./processes.ts";
import { environmentOf, type Variant } from "./variants.ts";

export type AppName =
  | "http"
  | "label-sets"
  | "cluster"
  | "express"
  | "fastify"
  | "koa"
  | "hono"
  | "nest"
  | "next"
  | "soak";

/** See apps/serve.cjs; those of a cluster in apps/cluster.cjs, two in apps/soak.cjs, the last four in apps/profiler.cjs. */
export type Question =
  | "cpu"
  | "startStalls"
  | "servingStall"
  | "memberStall"
  | "killWorker"
  | "rss"
  | "heap"
  | "connections"
  | "startGapProbe"
  | "stopGapProbe"
  | "routedPort"
  | "routedConnections"
  | "startTimes"
  | "stopTimes"
  | "startAllocations"
  | "stopAllocations";

export interface BenchServer {
  readonly variant: Variant;
  readonly port: number;
  /** Undefined for a variant without metrics. */
  readonly metricsUrl: string | undefined;
  ask(question: Question): Promise<number>;
  stop(): Promise<void>;
}

const START_MS = 90_000;
const ANSWER_MS = 30_000;
const LISTENING = /^listening (\d+)$/m;
const ANNOUNCED = /otel-red: .*?(http:\/\/\S+\/metrics)/;

export function appPath(app: string): string {
  return fileURLToPath(new URL(`apps/${app}.cjs`, import.meta.url));
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** @throws Error with what it said on stderr where it does not listen within a minute and a half */
export async function startServer(
  app: AppName,
  variant: Variant,
  environment: NodeJS.ProcessEnv = {},
): Promise<BenchServer> {
  const metricsPort = await freePort();
  const child = launchServer([...variant.flags, appPath(app)], {
    env: { ...environmentOf(variant, metricsPort), ...environment },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const { port, announced } = await listening(child, variant.metrics === "announced").catch((error) => {
    child.kill("SIGKILL");
    throw new Error(`apps/${app} with ${variant.title}: ${error.message}`);
  });
  const metricsUrls = {
    none: undefined,
    application: `http://127.0.0.1:${port}/metrics`,
    "chosen port": `http://127.0.0.1:${metricsPort}/metrics`,
    announced,
  };
  return {
    variant,
    port,
    metricsUrl: metricsUrls[variant.metrics],
    ask: asker(child),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "close");
    },
  };
}

function listening(child: ChildProcess, announces: boolean): Promise<{ port: number; announced: string | undefined }> {
  let stdout = "";
  let stderr = "";
  return new Promise((resolve, reject) => {
    const tooLate = setTimeout(() => reject(new Error(`it does not listen within ${START_MS / 1000} s`)), START_MS);
    const look = () => {
      const port = LISTENING.exec(stdout)?.[1];
      const announced = ANNOUNCED.exec(stderr)?.[1];
      if (port === undefined || (announces && announced === undefined)) return;
      clearTimeout(tooLate);
      resolve({ port: Number(port), announced });
    };
    child.stdout?.setEncoding("utf8").on("data", (text) => {
      stdout += text;
      look();
    });
    child.stderr?.setEncoding("utf8").on("data", (text) => {
      stderr += text;
      look();
    });
    child.once("error", reject);
    child.once("close", () => {
      clearTimeout(tooLate);
      reject(new Error(`it ended: ${stderr.trim()}`));
    });
  });
}

function asker(child: ChildProcess): BenchServer["ask"] {
  let lastId = 0;
  return (question) =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      const settle = (act: () => void) => {
        clearTimeout(tooLate);
        child.off("message", onMessage);
        child.off("close", onClose);
        act();
      };
      const onMessage = (message: unknown) => {
        const reply = message as { id: number; answer: number };
        if (reply.id === id) settle(() => resolve(reply.answer));
      };
      const onClose = () => settle(() => reject(new Error(`the server has ended before it told its ${question}`)));
      const tooLate = setTimeout(() => settle(() => reject(new Error(`no answer to ${question}`))), ANSWER_MS);
      child.on("message", onMessage);
      child.on("close", onClose);
      child.send({ id, question }, (error) => {
        if (error) settle(() => reject(error));
      });
    });
}

/** Stops them all, however the work with them ends. */
export async function withServers<T>(
  starting: Iterable<() => Promise<BenchServer>>,
  work: (servers: readonly BenchServer[]) => Promise<T>,
): Promise<T> {
  const servers: BenchServer[] = [];
  try {
    for (const start of starting) servers.push(await start());
    return await work(servers);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}
