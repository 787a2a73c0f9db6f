/**
 * A scanner that asks for many paths that nobody serves: how many label sets that makes.
 */
import { askForAll } from "../http-connection.ts";
import { comparedOn, type Plan } from "../plan.ts";
import { type Cell, countedCell, type Row, spellCount } from "../row.ts";
import { countLabelSets, PLAIN, scrape } from "../scrape.ts";
import { type BenchServer, startServer, withServers } from "../server.ts";
import type { VariantName } from "../variants.ts";
import { distinctPaths } from "../words.ts";

const APPS = [
  { app: "http", title: "node:http" },
  { app: "express", title: "Express" },
] as const;

export async function flood(plan: Plan): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { app, title } of APPS) {
    const cells = new Map<VariantName, Cell>();
    for (const variant of comparedOn(plan, app).filter(({ metrics }) => metrics !== "none")) {
      await withServers([() => startServer(app, variant)], async ([server]) => {
        const { port, metricsUrl } = server as BenchServer;
        await askForAll(port, distinctPaths("/wp-admin/", plan.unknownPaths), 404);
        cells.set(variant.name, countedCell(spellCount(countLabelSets(await scrape(metricsUrl as string, PLAIN)))));
      });
    }
    rows.push({ title: `Label sets after ${spellCount(plan.unknownPaths)} distinct 404 paths, ${title}`, cells });
  }
  return rows;
}
