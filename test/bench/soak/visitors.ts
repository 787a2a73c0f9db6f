/**
 * The load of the soak: visitors as fast as they get answers, who come and go, give up, and cut connections off.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { HttpConnection } from "../http-connection.ts";
import { word } from "../words.ts";

const VISITORS = 32;
const MOST_REQUESTS_A_CONNECTION = 20;
/** After which an impatient visitor has gone, in milliseconds; a slow answer takes 50. */
const PATIENCE_MS = 10;

export interface Counts {
  requests: number;
  connections: number;
  /** Requests that were cut off by the visitor. */
  aborted: number;
}

/** How a connection ends, and how many of a hundred end like that; the others end between two requests. */
const ENDINGS: readonly { readonly percent: number; readonly end: (port: number) => Promise<void> }[] = [
  { percent: 10, end: goneBeforeTheAnswer },
  { percent: 10, end: goneInTheMiddleOfTheAnswer },
  { percent: 2, end: goneInTheMiddleOfTheRequest },
  { percent: 2, end: notHttp },
];

/** Every request of the soak has a number, which makes its path: nothing of it has been seen before. */
let number = 0;

function nextPath(): string {
  number++;
  const kind = number % 50;
  if (kind === 0) return "/health";
  if (kind === 1) return `/${word(number)}`;
  return kind % 2 === 0 ? `/users/${number}` : `/orgs/${number % 7}/projects/${number % 11}/items/${number}`;
}

/** Visits the servers for so long. @throws Error where one of them does not answer */
export async function visit(ports: readonly number[], durationMs: number, counts: Counts): Promise<void> {
  const endsAtMs = performance.now() + durationMs;
  const visitor = async (port: number) => {
    while (performance.now() < endsAtMs) await comeAndGo(port, endsAtMs, counts);
  };
  await Promise.all(Array.from({ length: VISITORS }, (_, index) => visitor(ports[index % ports.length] as number)));
}

async function comeAndGo(port: number, endsAtMs: number, counts: Counts): Promise<void> {
  const connection = await HttpConnection.open(port);
  counts.connections++;
  try {
    const most = 1 + Math.floor(Math.random() * MOST_REQUESTS_A_CONNECTION);
    for (let count = 0; count < most && performance.now() < endsAtMs; count++) {
      await connection.get(nextPath());
      counts.requests++;
    }
  } finally {
    if (Math.random() < 0.5) connection.close();
    else connection.reset();
  }
  let chance = Math.random() * 100;
  const ending = ENDINGS.find(({ percent }) => {
    chance -= percent;
    return chance < 0;
  });
  if (ending === undefined) return;
  await ending.end(port);
  counts.connections++;
  counts.aborted++;
}

async function goneBeforeTheAnswer(port: number): Promise<void> {
  const socket = await open(port, "GET /slow HTTP/1.1\r\nHost: soak\r\n\r\n");
  await sleep(Math.random() * PATIENCE_MS);
  socket.destroy();
}

async function goneInTheMiddleOfTheAnswer(port: number): Promise<void> {
  const socket = await open(port, "GET /events HTTP/1.1\r\nHost: soak\r\n\r\n");
  await once(socket, "data");
  socket.destroy();
}

async function goneInTheMiddleOfTheRequest(port: number): Promise<void> {
  const socket = await open(port, "POST /users/1 HTTP/1.1\r\nHost: soak\r\nContent-Length: 100\r\n\r\nhalf");
  await sleep(Math.random() * PATIENCE_MS);
  socket.destroy();
}

async function notHttp(port: number): Promise<void> {
  const socket = await open(port, "\u0016\u0003\u0001 this is no HTTP\r\n\r\n");
  await once(socket, "data");
  socket.destroy();
}

async function open(port: number, text: string): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  // it may be reset from the other side
  socket.on("error", () => {});
  socket.write(text);
  return socket;
}
