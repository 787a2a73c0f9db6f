/**
 * CPU per request: user and system time of the server's process, over the requests that it has answered in a window.
 *
 * Each variant has its own bare server beside it, and their windows take turns. With all variants up at once, a server that
 * had waited for the others' turns paid for it, as its memory and its caches had gone cold: a second copy of the bare
 * application came out a third dearer than the first one, which had its turn more often.
 */
import { absolute, type Measurement, ratio, related } from "../compare.ts";
import { loadGenerator } from "../load.ts";
import { comparedOn, type Plan } from "../plan.ts";
import { measuredCells, type Row, spellMicroseconds, spellRatio } from "../row.ts";
import { inTurns, shuffled } from "../schedule.ts";
import { type AppName, type BenchServer, startServer, withServers } from "../server.ts";
import { BARE, type Framework, type Variant } from "../variants.ts";

/** Of each measurement. */
const WINDOW_SECONDS = 1;

export interface Traffic {
  readonly title: string;
  readonly app: AppName & Framework;
  /** `{id}` becomes each of 10,000 numbers, `{few}` each of ten. */
  readonly pattern: string;
  /** What has to be there before the application can start. @returns its environment */
  readonly prepare?: () => Promise<NodeJS.ProcessEnv>;
}

export async function cpuPerRequest({ title, app, pattern, prepare }: Traffic, plan: Plan): Promise<Row[]> {
  const environment = await prepare?.();
  const measurements: Measurement[] = [];
  const measureBeside = async (variant: Variant) => {
    const starts = [BARE, variant].map((each) => () => startServer(app, each, environment));
    await withServers(starts, async (servers) => {
      for (const { port } of servers) await loadGenerator().load(port, pattern, plan.warmUpSeconds);
      const byVariant = new Map(servers.map((server) => [server.variant, server]));
      const measure = (each: Variant) => microsecondsPerRequest(byVariant.get(each) as BenchServer, pattern);
      measurements.push(...(await inTurns([BARE, variant], Math.ceil(plan.windows / plan.processes), measure)));
    });
  };
  // anew each time: which code V8 optimises, and how, is another one in each process
  for (let process = 0; process < plan.processes; process++) {
    for (const variant of shuffled(comparedOn(plan, app))) {
      await measureBeside(variant).catch((error) => {
        throw new Error(`beside ${variant.title}: ${error.message}`);
      });
    }
  }
  const bare = [...measuredCells(absolute(measurements), spellMicroseconds)].filter(([variant]) => variant === "bare");
  const others = measuredCells(related(measurements, ratio), spellRatio);
  return [{ title: `CPU per request over bare, ${title}`, cells: new Map([...bare, ...others]) }];
}

/** Microseconds of CPU for each request of a window. */
export async function microsecondsPerRequest({ ask, port }: BenchServer, pattern: string): Promise<number> {
  const before = await ask("cpu");
  const answered = await loadGenerator().load(port, pattern, WINDOW_SECONDS);
  return ((await ask("cpu")) - before) / answered;
}
