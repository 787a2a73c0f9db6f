/**
 * CPU per request: user and system time of the server's process, over the requests that it has answered in a window.
 * All servers are up at the same time, so that the windows of different variants can follow each other closely.
 */
import { absolute, ratio, related } from "../compare.ts";
import { loadGenerator } from "../load.ts";
import { comparedOn, type Plan } from "../plan.ts";
import { measuredCells, type Row, spellMicroseconds, spellRatio } from "../row.ts";
import { interleaved } from "../schedule.ts";
import { type AppName, type BenchServer, startServer, withServers } from "../server.ts";
import { BARE, type Framework } from "../variants.ts";

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
  const compared = comparedOn(plan, app);
  const starts = [BARE, ...compared].map((variant) => () => startServer(app, variant, environment));
  const measurements = await withServers(starts, async (servers) => {
    for (const { port } of servers) await loadGenerator().load(port, pattern, plan.warmUpSeconds);
    const byVariant = new Map(servers.map((server) => [server.variant, server]));
    return interleaved(compared, plan.windows, (variant) =>
      microsecondsPerRequest(byVariant.get(variant) as BenchServer, pattern),
    );
  });
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
