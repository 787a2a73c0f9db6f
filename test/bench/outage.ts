/**
 * `npm run outage`: does anything grow while a collector is away? Two processes under otel-red get the same requests and
 * push every second, one to a collector that answers, one to a collector that fails in all the ways there are, in turns.
 * Ends with 0 if the second heap holds no more than 10 MB beyond the first, 1 if it
 * does, 2 on bad arguments.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { FAILING, startCollector, WELL } from "./outage/collector.ts";
import { leaveNothingBehind } from "./processes.ts";

const MOST_BYTES = 10_000_000;
const DEFAULT_SECONDS = 600;
const FEWEST_SECONDS = 10;
const LAPS = 10;
/** Label sets: each export tells them all. */
const PATHS = 500;
const REQUESTS_A_SECOND = 100;
const REGISTER = join(import.meta.dirname, "../../dist/register.cjs");
const APP = join(import.meta.dirname, "outage/app.cjs");

interface Service {
  readonly process: ChildProcess;
  readonly port: number;
  readonly stderr: () => string;
}

process.exitCode = await main();

async function main(): Promise<number> {
  const { seconds: text } = parseArgs({
    options: { seconds: { type: "string", default: `${DEFAULT_SECONDS}` } },
  }).values;
  const seconds = Number(text);
  if (!(seconds >= FEWEST_SECONDS)) {
    console.error(`outage: --seconds=${text}: accepted: a number of seconds from ${FEWEST_SECONDS} on`);
    return 2;
  }
  leaveNothingBehind();
  const collectors = [await startCollector(WELL), await startCollector(FAILING)] as const;
  const services = [await startService(collectors[0].url), await startService(collectors[1].url)] as const;
  try {
    let difference = 0;
    for (let lap = 1; lap <= LAPS; lap++) {
      await visit(services, (seconds * 1000) / LAPS);
      const [idle, away] = [await heapOf(services[0]), await heapOf(services[1])];
      difference = away - idle;
      const exports = collectors.map((collector) => collector.exports()).join(" and ");
      const at = ((seconds * lap) / LAPS).toFixed(0);
      console.log(`${at} s: ${megabytes(idle)} idle, ${megabytes(away)} in the outage, after ${exports} exports`);
    }
    process.stdout.write(services[1].stderr());
    const held = difference <= MOST_BYTES;
    console.log(
      `${megabytes(difference)} beyond idle, ${held ? "within" : "above"} the bound of ${megabytes(MOST_BYTES)}`,
    );
    return held ? 0 : 1;
  } finally {
    for (const service of services) service.process.kill("SIGKILL");
  }
}

async function startService(endpoint: string): Promise<Service> {
  const child = spawn(process.execPath, ["--expose-gc", "--require", REGISTER, APP], {
    stdio: ["ignore", "inherit", "pipe", "ipc"],
    env: {
      ...process.env,
      NODE_OPTIONS: "",
      OTEL_METRICS_EXPORTER: "otlp",
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_TIMEOUT: "2000",
      OTEL_METRIC_EXPORT_INTERVAL: "1000",
      OTEL_METRIC_EXPORT_TIMEOUT: "1000",
    },
  });
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  const [{ port }] = await once(child, "message");
  return { process: child, port, stderr: () => stderr };
}

async function visit(services: readonly Service[], durationMs: number): Promise<void> {
  const startedAtMs = performance.now();
  for (let asked = 0; performance.now() - startedAtMs < durationMs; asked++) {
    const path = `/word${["s", "y", "t"][asked % 3]}/part-${asked % PATHS}`;
    await Promise.all(services.map(async ({ port }) => (await fetch(`http://127.0.0.1:${port}${path}`)).text()));
    await sleep(1000 / REQUESTS_A_SECOND);
  }
}

async function heapOf({ process: child }: Service): Promise<number> {
  const answered = once(child, "message");
  child.send("heap");
  const [{ heapBytes }] = await answered;
  return heapBytes;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
