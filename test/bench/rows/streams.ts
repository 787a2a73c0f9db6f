/**
 * Thousands of server-sent-event streams that are open at the same time, and close at once: as when a proxy in front
 * of the service is restarted.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { absolute, difference, pick, ratio, related } from "../compare.ts";
import { comparedOn, type Plan } from "../plan.ts";
import { added, measuredCells, type Row, spellCount, spellKilobytes, spellMilliseconds, spellRatio } from "../row.ts";
import { interleaved } from "../schedule.ts";
import { type BenchServer, startServer, withServers } from "../server.ts";
import type { Variant } from "../variants.ts";

/** At a time: fewer than wait in a server's backlog. */
const OPENED_TOGETHER = 200;
const CLOSE_DEADLINE_MS = 60_000;
const POLL_MS = 10;
/** What is left to do once the last connection has gone. */
const SETTLE_MS = 100;

interface Streams {
  readonly bytesEach: number;
  readonly closeMs: number;
}

export async function streams(plan: Plan): Promise<Row[]> {
  const measurements = await interleaved(comparedOn(plan, "http"), plan.processes, (variant) => measure(variant, plan));
  const bytes = pick(measurements, ({ bytesEach }) => [bytesEach]);
  const close = pick(measurements, ({ closeMs }) => [closeMs]);
  const bareBytes = [...measuredCells(absolute(bytes), spellKilobytes)].filter(([variant]) => variant === "bare");
  const bareClose = [...measuredCells(absolute(close), spellMilliseconds)].filter(([variant]) => variant === "bare");
  const many = `${spellCount(plan.streams)} open streams`;
  return [
    {
      title: `Memory added for each of ${many}`,
      cells: new Map([...bareBytes, ...measuredCells(related(bytes, difference), added(spellKilobytes))]),
    },
    {
      title: `CPU over bare when ${many} close at once`,
      cells: new Map([...bareClose, ...measuredCells(related(close, ratio), spellRatio)]),
    },
  ];
}

async function measure(variant: Variant, plan: Plan): Promise<Streams> {
  return withServers([() => startServer("http", variant)], async ([server]) => {
    const { ask, port } = server as BenchServer;
    // whatever the first requests alone cost
    await closeAll(await openStreams(port, OPENED_TOGETHER), ask);
    const closedBytes = await ask("heap");
    const open = await openStreams(port, plan.streams);
    const openBytes = await ask("heap");
    const before = await ask("cpu");
    await closeAll(open, ask);
    return { bytesEach: (openBytes - closedBytes) / plan.streams, closeMs: ((await ask("cpu")) - before) / 1000 };
  });
}

async function openStreams(port: number, count: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const together = Math.min(OPENED_TOGETHER, count - sockets.length);
    sockets.push(...(await Promise.all(Array.from({ length: together }, () => openStream(port)))));
  }
  return sockets;
}

/** Resolves with its first event. */
async function openStream(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1" });
  socket.write("GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  await once(socket, "data");
  return socket;
}

async function closeAll(sockets: readonly Socket[], ask: BenchServer["ask"]): Promise<void> {
  for (const socket of sockets) socket.destroy();
  const deadlineMs = performance.now() + CLOSE_DEADLINE_MS;
  while ((await ask("connections")) > 0) {
    if (performance.now() > deadlineMs) throw new Error("the server does not notice that its connections have closed");
    await sleep(POLL_MS);
  }
  await sleep(SETTLE_MS);
}
