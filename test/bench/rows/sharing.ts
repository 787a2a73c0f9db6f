/**
 * What a worker spends on its group: the share of the worker's CPU, while the worker answers 5,000 requests a second of 1,000
 * label sets, and another process of the cluster serves the page.
 */
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterEnvironment } from "../cluster-environment.ts";
import { summary } from "../compare.ts";
import { HttpConnection } from "../http-connection.ts";
import { comparedOn, type Plan } from "../plan.ts";
import { measuredCell, type Row, type Spelling, spellCount } from "../row.ts";
import { type BenchServer, freePort, startServer, withServers } from "../server.ts";
import { type SourceShare, shareOfSources, type TimesProfile } from "../source-share.ts";
import type { Variant } from "../variants.ts";
import { distinctPaths } from "../words.ts";

const LABEL_SETS = 1000;
/** One of the two may serve the page. */
const WORKERS = 2;
/** The primary hands them to its workers in turn. */
const CONNECTIONS_A_WORKER = 50;
/** For each of the connections. */
const REQUEST_EVERY_MS = 10;
const WARM_UP_MS = 3000;
const PROFILED_MS = 10_000;

const spellPercent: Spelling = (share) => `${(100 * share).toFixed(2)} %`;

export async function shareOfSharing(plan: Plan): Promise<Row[]> {
  const variant = comparedOn(plan, "cluster").find(({ name }) => name === "light");
  if (variant === undefined) return [];
  const shares: SourceShare[] = [];
  for (let process = 0; process < plan.processes; process++) shares.push(await measure(variant));
  const rate = (1000 / REQUEST_EVERY_MS) * CONNECTIONS_A_WORKER;
  const traffic = `${spellCount(rate)} requests a second, ${spellCount(LABEL_SETS)} label sets`;
  const row = (title: string, share: (each: SourceShare) => number): Row => ({
    title,
    cells: new Map([[variant.name, measuredCell(summary(shares.map(share)), spellPercent)]]),
  });
  return [
    row(`A worker's time for its group, of one core, ${traffic}`, ({ ofCore }) => ofCore),
    row("… of the worker's CPU", ({ ofBusy }) => ofBusy),
  ];
}

async function measure(variant: Variant): Promise<SourceShare> {
  const file = join(tmpdir(), `otel-red-bench-${process.pid}.json`);
  const metricsPort = await freePort();
  const environment = { ...clusterEnvironment(WORKERS, LABEL_SETS, metricsPort), BENCH_PROFILE: file };
  const start = () => startServer("cluster", variant, environment);
  try {
    return await withServers([start], async ([server]) => {
      const { ask, port } = server as BenchServer;
      await load(port, WARM_UP_MS);
      await ask("startTimes");
      await load(port, PROFILED_MS);
      await ask("stopTimes");
      return shareOfSources(JSON.parse(readFileSync(file, "utf8")) as TimesProfile, "src/group/");
    });
  } finally {
    rmSync(file, { force: true });
  }
}

/** Each connection asks at its own times: what is late is caught up with. */
async function load(port: number, durationMs: number): Promise<void> {
  const paths = [...distinctPaths("/shelf/", LABEL_SETS)];
  const count = WORKERS * CONNECTIONS_A_WORKER;
  const connections = await Promise.all(Array.from({ length: count }, () => HttpConnection.open(port)));
  const startedAtMs = performance.now();
  let asked = 0;
  await Promise.all(
    connections.map(async (connection, index) => {
      const firstAtMs = startedAtMs + (REQUEST_EVERY_MS * index) / count;
      for (let atMs = firstAtMs; atMs < startedAtMs + durationMs; atMs += REQUEST_EVERY_MS) {
        const waitMs = atMs - performance.now();
        if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
        await connection.get(paths[asked++ % LABEL_SETS] as string);
      }
    }),
  );
  for (const connection of connections) connection.close();
}
