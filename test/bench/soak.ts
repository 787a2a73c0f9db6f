/**
 * `npm run soak`: does anything grow with requests, connections or scrapes? A process under otel-red gets all of them
 * at full rate; every so often the load pauses, and what its heap still holds after a collection is printed. Ends with
 * 0 if the heap is flat after the warm-up and nothing is left in flight, 1 if not, 2 on bad arguments.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { askForAll } from "./http-connection.ts";
import { leaveNothingBehind } from "./processes.ts";
import { type BenchServer, startServer, withServers } from "./server.ts";
import { readSoakOptions, type SoakOptions } from "./soak/options.ts";
import { activeRequests, scrapeUntil } from "./soak/scraper.ts";
import { type HeapSample, heapSlope } from "./soak/slope.ts";
import { type Counts, visit } from "./soak/visitors.ts";
import { distinctPaths } from "./words.ts";

/** The smallest thing that could be kept for each request, a reference in a list, takes twice as much. */
const MOST_BYTES_A_REQUEST = 4;
/** What V8 itself comes to hold in any process, the bare one too: the code it compiles late. */
const BYTES_OF_V8 = 400_000;

/** More than there is room for: the budget of label sets is spent before the heap is watched. */
const UNKNOWN_PATHS = 2_000;
const LAPS = 20;
const SHORTEST_LAP_MS = 1_000;
/** Until V8 has compiled what runs, and all that is cached is. */
const WARM_UP_SHARE = 1 / 3;
const CLOSE_DEADLINE_MS = 10_000;
const POLL_MS = 10;

process.exitCode = await main();

async function main(): Promise<number> {
  let options: SoakOptions;
  try {
    options = readSoakOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`soak: ${(error as Error).message.replaceAll("\n", " ")}`);
    return 2;
  }
  leaveNothingBehind();
  try {
    return await withServers([() => startServer("soak", options.variant)], async ([server]) =>
      soak(server as BenchServer, options.seconds * 1000),
    );
  } catch (error) {
    console.error(`soak: ${(error as Error).message}`);
    return 1;
  }
}

async function soak({ variant, port, metricsUrl, ask }: BenchServer, durationMs: number): Promise<number> {
  const ports = [port, await ask("routedPort")];
  for (const each of ports) await askForAll(each, distinctPaths("/", UNKNOWN_PATHS), 404);
  console.log(`${variant.title}: heap after collection, between laps of load`);

  const startedAtMs = performance.now();
  const lapMs = Math.max(SHORTEST_LAP_MS, durationMs / LAPS);
  const counts: Counts = { requests: 0, connections: 0, aborted: 0 };
  const samples: (HeapSample & { readonly atMs: number })[] = [];
  let scrapes = 0;
  while (performance.now() - startedAtMs < durationMs) {
    let over = false;
    const load = visit(ports, lapMs, counts).finally(() => {
      over = true;
    });
    scrapes += (await Promise.all([scrapeUntil(metricsUrl, () => over), load]))[0];
    await idle(ask);
    const sample = { requests: counts.requests, bytes: await ask("heap"), atMs: performance.now() - startedAtMs };
    samples.push(sample);
    console.log(line(sample, counts, scrapes));
  }

  const watched = samples.filter(({ atMs }) => atMs > durationMs * WARM_UP_SHARE);
  const requests = counts.requests - (watched[0]?.requests ?? 0);
  const grownBytes = heapSlope(watched) * requests;
  const mostBytes = MOST_BYTES_A_REQUEST * requests + BYTES_OF_V8;
  const flat = grownBytes <= mostBytes;
  console.log(
    `after the warm-up ${kilobytes(grownBytes)} in ${requests} requests, ${flat ? "within" : "above"} the bound of ` +
      `${kilobytes(mostBytes)}: ${MOST_BYTES_A_REQUEST} bytes a request and ${kilobytes(BYTES_OF_V8)} for V8`,
  );
  const active = metricsUrl === undefined ? 0 : await activeRequests(metricsUrl);
  if (active > 0) console.log(`${active} requests are in flight where there should be none`);
  return flat && active === 0 ? 0 : 1;
}

/** Until the server has seen the last connection close. */
async function idle(ask: BenchServer["ask"]): Promise<void> {
  const deadlineMs = performance.now() + CLOSE_DEADLINE_MS;
  while ((await ask("connections")) + (await ask("routedConnections")) > 0) {
    if (performance.now() > deadlineMs) throw new Error("the server does not notice that its connections have closed");
    await sleep(POLL_MS);
  }
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(0)} kB`;
}

function line({ bytes, atMs }: HeapSample & { readonly atMs: number }, counts: Counts, scrapes: number): string {
  const { requests, connections, aborted } = counts;
  const seconds = (atMs / 1000).toFixed(0).padStart(5);
  const heap = (bytes / 1e6).toFixed(3).padStart(8);
  return `${seconds} s ${heap} MB  ${requests} requests, ${connections} connections, ${aborted} cut off, ${scrapes} scrapes`;
}
