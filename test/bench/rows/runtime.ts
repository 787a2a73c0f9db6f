/**
 * What process and runtime metrics cost: otel-red with them, held against otel-red without them, under load, while
 * nothing is asked for, and at a scrape; and what one collection takes by itself.
 */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { absolute, difference, type Measurement, pick, type Relation, ratio, related } from "../compare.ts";
import { loadGenerator } from "../load.ts";
import type { Plan } from "../plan.ts";
import { launchServer } from "../processes.ts";
import {
  added,
  measuredCells,
  type Row,
  type Spelling,
  spellCount,
  spellMicroseconds,
  spellMilliseconds,
  spellRatio,
} from "../row.ts";
import { interleaved } from "../schedule.ts";
import { AS_PROMETHEUS, scrape } from "../scrape.ts";
import { appPath, type BenchServer, startServer, withServers } from "../server.ts";
import type { Variant, VariantName } from "../variants.ts";
import { microsecondsPerRequest } from "./cpu.ts";

const PATTERN = "/users/{id}";
const IDLE_SECONDS = 1;
const CONNECTIONS: readonly number[] = [0, 1_000, 5_000];

interface Costs {
  readonly requestMicroseconds: number;
  readonly idleMicroseconds: number;
  readonly scrapeMicroseconds: number;
}

export async function runtimeMetrics(plan: Plan): Promise<Row[]> {
  const light = plan.compared.find(({ name }) => name === "light");
  if (light === undefined) return [];
  const measurements = await withAndWithout(light, plan);
  const row = (title: string, relation: Relation, spell: Spelling, figure: (costs: Costs) => number): Row => {
    const figures = pick(measurements, (costs) => [figure(costs)]);
    return { title, cells: measuredCells(related(figures, relation), spell) };
  };
  const more = added(spellMicroseconds);
  return [
    row(
      "CPU per request over RED_RUNTIME_METRICS=false, node:http",
      ratio,
      spellRatio,
      (costs) => costs.requestMicroseconds,
    ),
    row("… CPU added in each second without a request", difference, more, (costs) => costs.idleMicroseconds),
    row("… CPU added to a scrape", difference, more, (costs) => costs.scrapeMicroseconds),
    ...(await collections(plan)),
  ];
}

/** In the turns of the bare application, and of its second copy: otel-red without runtime metrics. */
async function withAndWithout(light: Variant, plan: Plan): Promise<Measurement<Costs>[]> {
  const compared = plan.compared.filter(({ name }) => name === "light" || name === "again");
  const names: readonly VariantName[] = ["bare", ...compared.map(({ name }) => name)];
  const starts = names.map(
    (name) => () => startServer("http", light, { RED_RUNTIME_METRICS: String(name === "light") }),
  );
  return withServers(starts, async (servers) => {
    for (const { port } of servers) await loadGenerator().load(port, PATTERN, plan.warmUpSeconds);
    const byName = new Map(names.map((name, index) => [name, servers[index] as BenchServer]));
    return interleaved(compared, plan.windows, ({ name }) => measure(byName.get(name) as BenchServer));
  });
}

async function measure(server: BenchServer): Promise<Costs> {
  const cpuOf = async (work: () => Promise<unknown>) => {
    const before = await server.ask("cpu");
    await work();
    return (await server.ask("cpu")) - before;
  };
  return {
    requestMicroseconds: await microsecondsPerRequest(server, PATTERN),
    idleMicroseconds: (await cpuOf(() => sleep(IDLE_SECONDS * 1000))) / IDLE_SECONDS,
    scrapeMicroseconds: await cpuOf(() => scrape(server.metricsUrl as string, AS_PROMETHEUS)),
  };
}

/** In a process that does nothing else, on the clock: as long as the event loop stands still. */
async function collections(plan: Plan): Promise<Row[]> {
  const rows: Row[] = [];
  for (const connections of CONNECTIONS) {
    const measurements: Measurement[] = [];
    for (let count = 0; count < plan.processes; count++) {
      for (const value of await collectionsMs(connections)) {
        measurements.push({ variant: "light", atMs: performance.now(), value });
      }
    }
    const title = `… one collection with ${spellCount(connections)} open connections`;
    rows.push({ title, cells: measuredCells(absolute(measurements), spellMilliseconds) });
  }
  return rows;
}

/** @throws Error where the process does not print a line of numbers */
async function collectionsMs(connections: number): Promise<number[]> {
  const child = launchServer([appPath("collection"), String(connections)], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout?.setEncoding("utf8").on("data", (text) => {
    said += text;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`apps/collection has ended with ${code}`);
  return JSON.parse(said);
}
