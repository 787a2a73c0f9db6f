/**
 * A service of several processes: the CPU of all of them per request, the cost of a scrape, and whether the page still has all
 * requests after a worker has died.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { clusterEnvironment } from "../cluster-environment.ts";
import { absolute, type Measurement, pick } from "../compare.ts";
import { CounterPage } from "../counter-page.ts";
import { HttpConnection } from "../http-connection.ts";
import { comparedOn, type Plan } from "../plan.ts";
import { type Cell, countedCell, measuredCells, type Row, spellCount, spellMilliseconds } from "../row.ts";
import { interleaved } from "../schedule.ts";
import { AS_PROMETHEUS, PLAIN, scrape } from "../scrape.ts";
import { type BenchServer, freePort, startServer, withServers } from "../server.ts";
import type { Variant, VariantName } from "../variants.ts";
import { distinctPaths } from "../words.ts";
import { cpuPerRequest } from "./cpu.ts";
import { shareOfSharing } from "./sharing.ts";

const SIZES = [4, 8];
/** Of the scrapes. */
const WORKERS = 8;
const LABEL_SETS = 1000;
const PREFIX = "/shelf/";
/** Scrapes after a death, and the time between them: a page may be right at first, or only in the end. */
const SCRAPES_AFTER_DEATH = 5;
const BETWEEN_SCRAPES_MS = 250;

/** One cluster's figures. */
interface Scraped {
  readonly cpuMs: readonly number[];
  readonly servingStallsMs: readonly number[];
  readonly memberStallsMs: readonly number[];
  /** Requests on the page before a worker's death, and the fewest after it. */
  readonly shownBefore: number;
  readonly shownAfter: number;
  /** Series that are lower after the death, or gone. */
  readonly lower: number;
}

const NO_PAGE = { shownBefore: 0, shownAfter: 0, lower: 0 };

export async function severalProcesses(plan: Plan): Promise<Row[]> {
  const rows: Row[] = [];
  for (const workers of SIZES) {
    const title = `node:http, a cluster of ${workers}`;
    const prepare = async () => clusterEnvironment(workers, LABEL_SETS, await freePort());
    rows.push(...(await cpuPerRequest({ title, app: "cluster", pattern: "/users/{id}", prepare }, plan)));
  }
  return [...rows, ...(await scrapes(plan)), ...(await shareOfSharing(plan))];
}

async function scrapes(plan: Plan): Promise<Row[]> {
  const compared = comparedOn(plan, "cluster").filter(({ metrics }) => metrics !== "none");
  const measurements = await interleaved(compared, plan.processes, (variant) => measure(variant, plan));
  const all = `${WORKERS} workers with ${spellCount(LABEL_SETS)} label sets each`;
  const milliseconds = (title: string, figures: (scraped: Scraped) => readonly number[]): Row => ({
    title: `${title}, ${all}`,
    cells: measuredCells(absolute(pick(measurements, figures)), spellMilliseconds),
  });
  const ofPages = measurements.filter(({ variant }) => variant !== "bare");
  const worst = (title: string, spell: (scraped: readonly Scraped[]) => string): Row => ({
    title,
    cells: worstOf(ofPages, spell),
  });
  const fewest = (requests: (scraped: Scraped) => number) => (scraped: readonly Scraped[]) =>
    spellCount(Math.min(...scraped.map(requests)));
  const asked = spellCount(WORKERS * LABEL_SETS);
  return [
    milliseconds("CPU of a scrape, all processes", ({ cpuMs }) => cpuMs),
    milliseconds("Longest stall by a scrape, the process that serves it", ({ servingStallsMs }) => servingStallsMs),
    milliseconds("… the slowest of the other processes", ({ memberStallsMs }) => memberStallsMs),
    worst(
      `Requests on the page, of ${asked}`,
      fewest(({ shownBefore }) => shownBefore),
    ),
    worst(
      `… after one of ${WORKERS} workers is killed`,
      fewest(({ shownAfter }) => shownAfter),
    ),
    worst("Series of counters that go down then", (scraped) => spellCount(Math.max(...scraped.map(lowerOf)))),
  ];
}

const lowerOf = ({ lower }: Scraped) => lower;

/** All clusters of a variant, in one figure. */
function worstOf(
  measurements: readonly Measurement<Scraped>[],
  spell: (scraped: readonly Scraped[]) => string,
): ReadonlyMap<VariantName, Cell> {
  const byVariant = new Map<VariantName, Scraped[]>();
  for (const { variant, value } of measurements) byVariant.set(variant, [...(byVariant.get(variant) ?? []), value]);
  return new Map([...byVariant].map(([variant, all]) => [variant, countedCell(spell(all))]));
}

async function measure(variant: Variant, plan: Plan): Promise<Scraped> {
  const metricsPort = await freePort();
  const start = () => startServer("cluster", variant, clusterEnvironment(WORKERS, LABEL_SETS, metricsPort));
  return withServers([start], async ([server]) => {
    const { ask, port } = server as BenchServer;
    await askEachWorker(port);
    const hasPage = variant.metrics !== "none";
    // without metrics an ordinary request is the measure of what the measuring itself takes
    const url = hasPage ? `http://127.0.0.1:${metricsPort}/metrics` : `http://127.0.0.1:${port}${PREFIX}`;
    const shown = hasPage ? await counterPage(url) : undefined;
    const cpuMs: number[] = [];
    const servingStallsMs: number[] = [];
    const memberStallsMs: number[] = [];
    for (let count = 0; count < plan.scrapes; count++) {
      const cpuBefore = await ask("cpu");
      await scrape(url, AS_PROMETHEUS);
      cpuMs.push(((await ask("cpu")) - cpuBefore) / 1000);
      await ask("startStalls");
      await scrape(url, AS_PROMETHEUS);
      servingStallsMs.push(await ask("servingStall"));
      memberStallsMs.push(await ask("memberStall"));
    }
    const figures = { cpuMs, servingStallsMs: hasPage ? servingStallsMs : [], memberStallsMs };
    return { ...figures, ...(shown === undefined ? NO_PAGE : await afterDeath(ask, url, shown)) };
  });
}

async function afterDeath(ask: BenchServer["ask"], url: string, before: CounterPage) {
  await ask("killWorker");
  let shownAfter = Number.POSITIVE_INFINITY;
  let lower = 0;
  for (let count = 0; count < SCRAPES_AFTER_DEATH; count++) {
    const after = await counterPage(url);
    shownAfter = Math.min(shownAfter, after.requests);
    lower = Math.max(lower, before.lowerIn(after));
    await sleep(BETWEEN_SCRAPES_MS);
  }
  return { shownBefore: before.requests, shownAfter, lower };
}

async function counterPage(url: string): Promise<CounterPage> {
  return new CounterPage((await scrape(url, PLAIN)).toString());
}

/** The primary hands connections to its workers in turn. */
async function askEachWorker(port: number): Promise<void> {
  const connections: HttpConnection[] = [];
  for (let worker = 0; worker < WORKERS; worker++) connections.push(await HttpConnection.open(port));
  await Promise.all(
    connections.map(async (connection) => {
      for (const path of distinctPaths(PREFIX, LABEL_SETS)) await connection.get(path);
    }),
  );
  for (const connection of connections) connection.close();
}
