/**
 * Resident memory after load, in a process of its own for each measurement: what a variant adds to the bare one.
 */
import { absolute, difference, related } from "../compare.ts";
import { loadGenerator } from "../load.ts";
import { comparedOn, type Plan } from "../plan.ts";
import { added, measuredCells, type Row, spellMegabytes } from "../row.ts";
import { interleaved } from "../schedule.ts";
import { AS_PROMETHEUS, scrape } from "../scrape.ts";
import { type BenchServer, startServer, withServers } from "../server.ts";
import type { Variant } from "../variants.ts";

const LOAD_SECONDS = 3;
const FRAMEWORKS = [
  { app: "http", title: "node:http" },
  { app: "express", title: "Express" },
] as const;

export async function residentMemory(plan: Plan): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { app, title } of FRAMEWORKS) {
    const measurements = await interleaved(comparedOn(plan, app), plan.processes, (variant) => measure(app, variant));
    const bare = [...measuredCells(absolute(measurements), spellMegabytes)].filter(([variant]) => variant === "bare");
    const others = measuredCells(related(measurements, difference), added(spellMegabytes));
    rows.push({ title: `Resident memory added after load, ${title}`, cells: new Map([...bare, ...others]) });
  }
  return rows;
}

/** Bytes, after a scrape and a collection of the garbage. */
async function measure(app: "http" | "express", variant: Variant): Promise<number> {
  return withServers([() => startServer(app, variant)], async ([server]) => {
    const { ask, port, metricsUrl } = server as BenchServer;
    await loadGenerator().load(port, "/users/{id}", LOAD_SECONDS);
    if (metricsUrl !== undefined) await scrape(metricsUrl, AS_PROMETHEUS);
    return ask("rss");
  });
}
