/**
 * `npm run profile`: what of a request's time and garbage is otel-red's, function by function, under the load of the
 * benchmark. Ends with 0, 1 where something could not be measured, 2 on bad arguments.
 */
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { getBorderCharacters, table } from "table";
import { installOnce } from "../support/install-once.ts";
import { loadGenerator } from "./load.ts";
import { keepApart, leaveNothingBehind } from "./processes.ts";
import { TRAFFIC, type TrafficName } from "./rows.ts";
import { type BenchServer, type Question, startServer, withServers } from "./server.ts";
import { VARIANTS } from "./variants.ts";

const WARM_UP_SECONDS = 3;
const SECONDS = 8;
const SHOWN = 20;
/** Where the bundles are: those of other packages are in folders of the same name. */
const OURS = fileURLToPath(new URL("../../dist/", import.meta.url));

/** A place in the code, and how much of it: seconds, or bytes. */
interface Share {
  readonly name: string;
  readonly url: string;
  readonly amount: number;
}

interface Kind {
  readonly title: string;
  readonly start: Question;
  readonly stop: Question;
  readonly read: (profile: never) => Share[];
  readonly spell: (amountARequest: number) => string;
}

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

interface TimesProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  readonly samples: readonly number[];
  /** Microseconds. */
  readonly timeDeltas: readonly number[];
}

interface Allocations {
  readonly callFrame: CallFrame;
  readonly selfSize: number;
  readonly children: readonly Allocations[];
}

const KINDS: readonly Kind[] = [
  {
    title: "Time",
    start: "startTimes",
    stop: "stopTimes",
    read: ({ nodes, samples, timeDeltas }: TimesProfile) => {
      const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
      return samples.map((id, index) => ({
        ...placeOf(frames.get(id) as CallFrame),
        amount: (timeDeltas[index] as number) / 1e6,
      }));
    },
    spell: (seconds) => `${(seconds * 1e6).toFixed(3)} µs`,
  },
  {
    title: "Allocations",
    start: "startAllocations",
    stop: "stopAllocations",
    read: ({ head }: { readonly head: Allocations }) => {
      const shares: Share[] = [];
      const open = [head];
      for (let node = open.pop(); node !== undefined; node = open.pop()) {
        shares.push({ ...placeOf(node.callFrame), amount: node.selfSize });
        open.push(...node.children);
      }
      return shares;
    },
    spell: (bytes) => `${bytes.toFixed(1)} B`,
  },
];

/** What V8 calls the time in which nothing runs. */
const IDLE = "(idle)";

function placeOf({ functionName, url, lineNumber }: CallFrame): Omit<Share, "amount"> {
  const at = url === "" ? "" : ` ${basename(url)}:${lineNumber + 1}`;
  return { name: `${functionName || "(anonymous)"}${at}`, url };
}

process.exitCode = await main();

async function main(): Promise<number> {
  const names = Object.keys(TRAFFIC);
  let name: TrafficName;
  let variantName: string;
  try {
    const { values } = parseArgs({
      options: { row: { type: "string", default: "http" }, variant: { type: "string", default: "light" } },
    });
    if (!names.includes(values.row)) throw new Error(`--row=${values.row}: accepted: ${names.join(", ")}`);
    name = values.row as TrafficName;
    variantName = values.variant;
  } catch (error) {
    console.error(`profile: ${(error as Error).message}`);
    return 2;
  }
  const variant = VARIANTS.find((each) => each.name === variantName);
  if (variant === undefined) {
    console.error(`profile: --variant=${variantName}: accepted: ${VARIANTS.map((each) => each.name).join(", ")}`);
    return 2;
  }
  try {
    installOnce(import.meta.dirname);
    leaveNothingBehind();
    keepApart();
    const { app, pattern } = TRAFFIC[name];
    for (const kind of KINDS) {
      const file = join(tmpdir(), `otel-red-profile-${process.pid}.json`);
      const start = () => startServer(app, variant, { BENCH_PROFILE: file });
      await withServers([start], async ([server]) => {
        console.log(`${kind.title} of a request, ${TRAFFIC[name].title}, ${variant.title}\n`);
        console.log(await profile(kind, server as BenchServer, pattern, file));
      }).finally(() => rmSync(file, { force: true }));
    }
    return 0;
  } catch (error) {
    console.error(`profile: ${(error as Error).message}`);
    return 1;
  }
}

async function profile(kind: Kind, { port, ask }: BenchServer, pattern: string, file: string): Promise<string> {
  const { load } = loadGenerator();
  await load(port, pattern, WARM_UP_SECONDS);
  await ask(kind.start);
  const requests = await load(port, pattern, SECONDS);
  await ask(kind.stop);
  const shares = kind.read(JSON.parse(readFileSync(file, "utf8")) as never).filter(({ name }) => name !== IDLE);
  const all = sum(shares);
  const ours = shares.filter(({ url }) => url.replace("file://", "").startsWith(OURS));
  const row = (name: string, amount: number) => [
    name,
    kind.spell(amount / requests),
    `${((100 * amount) / all).toFixed(2)} %`,
  ];
  const byName = new Map<string, number>();
  for (const { name, amount } of ours) byName.set(name, (byName.get(name) ?? 0) + amount);
  const top = [...byName].sort(([, a], [, b]) => b - a).slice(0, SHOWN);
  const rows = [
    ["", "a request", "of all"],
    row(`all (${requests} requests)`, all),
    row("otel-red", sum(ours)),
    ...top.map(([name, amount]) => row(`  ${name}`, amount)),
  ];
  return table(rows, {
    border: getBorderCharacters("void"),
    columnDefault: { alignment: "right", paddingLeft: 0, paddingRight: 2 },
    columns: [{ alignment: "left" }],
    drawHorizontalLine: () => false,
  });
}

function sum(shares: readonly Share[]): number {
  return shares.reduce((total, { amount }) => total + amount, 0);
}
