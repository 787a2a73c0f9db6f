/**
 * `npm run bench`: what otel-red costs, beside the bare application and the peers, measured here and now. Ends with 0
 * however the figures turn out, 1 where something could not be measured, 2 on bad arguments, 130 if interrupted.
 */
import { existsSync, readFileSync } from "node:fs";
import { installOnce } from "../support/install-once.ts";
import { circumstances } from "./machine.ts";
import { type BenchOptions, readOptions } from "./options.ts";
import type { Plan } from "./plan.ts";
import { keepApart, leaveNothingBehind } from "./processes.ts";
import { markdownTable, READING, terminalTable } from "./report.ts";
import type { Row } from "./row.ts";
import { ROWS } from "./rows.ts";
import { BARE, COMPARED } from "./variants.ts";

const STREAMS = 9_000;
/** What else a process has open. */
const OTHER_FILES = 200;

process.exitCode = await main();

async function main(): Promise<number> {
  let options: BenchOptions;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    say((error as Error).message.replaceAll("\n", " "));
    return 2;
  }
  try {
    installOnce(import.meta.dirname);
  } catch (error) {
    say((error as Error).message);
    return 1;
  }
  leaveNothingBehind();
  keepApart();
  const plan = planOf(options);
  const compared = COMPARED.filter((variant) => [...options.rows.values()].flat().includes(variant));
  const notes = [...circumstances(compared), READING];
  if (plan.streams < STREAMS) notes.push(`No more than ${plan.streams} streams: the limit of open files (ulimit -n).`);

  const rows: Row[] = [];
  let failed = false;
  for (const [name, compared] of options.rows) {
    const startedAtMs = performance.now();
    try {
      rows.push(...(await ROWS[name]({ ...plan, compared })));
      say(`${name}: ${((performance.now() - startedAtMs) / 1000).toFixed(0)} s`);
    } catch (error) {
      failed = true;
      say(`${name}: not measured: ${(error as Error).message}`);
    }
  }
  const variants = [BARE, ...compared].filter(({ name }) => rows.some(({ cells }) => cells.has(name)));
  const render = options.markdown ? markdownTable : terminalTable;
  console.log(`${render(rows, variants)}\n\n${notes.join(options.markdown ? "\n\n" : "\n")}`);
  return failed ? 1 : 0;
}

/** On stderr: stdout is the table's. */
function say(line: string): void {
  console.error(`bench: ${line}`);
}

function planOf({ windows, short }: BenchOptions): Omit<Plan, "compared"> {
  return {
    windows,
    warmUpSeconds: short ? 1 : 2,
    processes: Math.max(1, Math.round(windows / 5)),
    scrapes: 5,
    startedServers: short ? ["http"] : ["http", "express", "fastify", "koa", "hono"],
    labelSets: short ? [2_000] : [100, 2_000, 10_000],
    streams: Math.min(STREAMS, openFilesLimit() - OTHER_FILES),
    unknownPaths: 100_000,
  };
}

/** Node itself raises its soft limit to the hard one. */
function openFilesLimit(): number {
  if (!existsSync("/proc/self/limits")) return Number.POSITIVE_INFINITY;
  const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
}
