/**
 * What a scrape costs the process that is scraped: for how long its event loop stands still, CPU of all its threads,
 * and the memory that the label sets take.
 */
import { absolute, type Measurement, pick } from "../compare.ts";
import { askForAll } from "../http-connection.ts";
import { comparedOn, type Plan } from "../plan.ts";
import {
  countedCell,
  measuredCells,
  type Row,
  type Spelling,
  spellCount,
  spellKilobytes,
  spellMilliseconds,
} from "../row.ts";
import { interleaved } from "../schedule.ts";
import { AS_PROMETHEUS, countLabelSets, PLAIN, scrape } from "../scrape.ts";
import { type BenchServer, startServer, withServers } from "../server.ts";
import type { Variant, VariantName } from "../variants.ts";
import { distinctPaths } from "../words.ts";

const PREFIX = "/shelf/";

/** One process's figures. */
interface Scraped {
  readonly labelSets: number;
  readonly firstStallMs: number;
  readonly stallsMs: readonly number[];
  readonly cpuMs: readonly number[];
  readonly plainCpuMs: readonly number[];
  /** After all scrapes. */
  readonly heapBytes: number;
}

export async function scrapes(plan: Plan): Promise<Row[]> {
  const compared = comparedOn(plan, "http").filter(({ metrics }) => metrics !== "none");
  const bySize = new Map<number, Measurement<Scraped>[]>();
  for (const size of plan.labelSets) {
    bySize.set(size, await interleaved(compared, plan.processes, (variant) => measure(variant, size, plan)));
  }
  const rows = [...bySize].flatMap(([size, measurements]) => {
    const all = `${spellCount(size)} label sets`;
    const row = (title: string, spell: Spelling, figures: (scraped: Scraped) => readonly number[]): Row => ({
      title: `${title}, ${all}`,
      cells: complete(measurements, size, measuredCells(absolute(pick(measurements, figures)), spell)),
    });
    return [
      row("Longest event-loop stall by a scrape", spellMilliseconds, ({ stallsMs }) => stallsMs),
      row("… by the first scrape of a process", spellMilliseconds, ({ firstStallMs }) => [firstStallMs]),
      row("CPU of a scrape as Prometheus asks (gzip)", spellMilliseconds, ({ cpuMs }) => cpuMs),
      row("CPU of a scrape in plain text", spellMilliseconds, ({ plainCpuMs }) => plainCpuMs),
    ];
  });
  return [...rows, ...bytesPerLabelSet(bySize)];
}

/** Who does not show all label sets has done less than was asked for: its figures are not shown. */
function complete(
  measurements: readonly Measurement<Scraped>[],
  size: number,
  cells: ReturnType<typeof measuredCells>,
): Row["cells"] {
  const shown = new Map<VariantName, number>(measurements.map(({ variant, value }) => [variant, value.labelSets]));
  return new Map(
    [...cells].map(([variant, cell]) => {
      const labelSets = shown.get(variant) ?? 0;
      return [variant, labelSets >= size || variant === "bare" ? cell : countedCell(`only ${spellCount(labelSets)}`)];
    }),
  );
}

async function measure(variant: Variant, size: number, plan: Plan): Promise<Scraped> {
  // half of otel-red's budget is for paths without a router
  const start = () => startServer("label-sets", variant, { RED_MAX_LABEL_SETS: String(2 * size + 100) });
  return withServers([start], async ([server]) => {
    const { ask, port, metricsUrl } = server as BenchServer;
    await askForAll(port, distinctPaths(PREFIX, size), 200);
    // without metrics an ordinary request is the measure of what the measuring itself takes
    const url = metricsUrl ?? `http://127.0.0.1:${port}${PREFIX}`;
    const stall = async () => {
      await ask("startGapProbe");
      await scrape(url, AS_PROMETHEUS);
      return ask("stopGapProbe");
    };
    const cpu = async (headers: Readonly<Record<string, string>>) => {
      const before = await ask("cpu");
      await scrape(url, headers);
      return ((await ask("cpu")) - before) / 1000;
    };
    const firstStallMs = await stall();
    const labelSets = countLabelSets(await scrape(url, PLAIN));
    const repeat = async (figure: () => Promise<number>) => {
      const figures: number[] = [];
      for (let count = 0; count < plan.scrapes; count++) figures.push(await figure());
      return figures;
    };
    return {
      labelSets,
      firstStallMs,
      stallsMs: await repeat(stall),
      cpuMs: await repeat(() => cpu(AS_PROMETHEUS)),
      plainCpuMs: await repeat(() => cpu(PLAIN)),
      heapBytes: await ask("heap"),
    };
  });
}

/** From the smallest exposition to the largest: what is there anyway is in both. */
function bytesPerLabelSet(bySize: ReadonlyMap<number, readonly Measurement<Scraped>[]>): Row[] {
  const [[fewest, small] = [], [most, large] = []] = [[...bySize][0], [...bySize].at(-1)];
  if (small === undefined || large === undefined || small === large) return [];
  const base = absolute(pick(small, ({ heapBytes }) => [heapBytes]));
  const figures = large.flatMap(({ variant, value, ...rest }) => {
    const baseBytes = base.get(variant)?.median;
    if (baseBytes === undefined || variant === "bare") return [];
    return { variant, ...rest, value: (value.heapBytes - baseBytes) / ((most as number) - (fewest as number)) };
  });
  const cells = complete(large, most as number, measuredCells(absolute(figures), spellKilobytes));
  return [{ title: "Memory for each label set", cells }];
}
