/** A collector's end of OTLP over HTTP that is there, and one that fails in all the ways there are, in turns. */
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Collector {
  readonly url: string;
  /** Exports that it was sent so far. */
  readonly exports: () => number;
}

type Answer = (response: ServerResponse) => void;

const GARBAGE = "\u0000not what was asked for".repeat(1000);
/** More than the exporter reads (MAX_RESPONSE_BODY_SIZE in @opentelemetry/otlp-exporter-base). */
const ENDLESS_BYTES = 5_000_000;

export const WELL: readonly Answer[] = [(response) => response.end()];

export const FAILING: readonly Answer[] = [
  (response) => response.writeHead(503).end(),
  () => {}, // hangs
  (response) => response.writeHead(429, { "retry-after": "1" }).end(),
  (response) => response.socket?.destroy(),
  (response) => response.writeHead(500).end(GARBAGE),
  (response) => response.socket?.end(GARBAGE),
  (response) => response.writeHead(400).end("x".repeat(ENDLESS_BYTES)),
];

export async function startCollector(answers: readonly Answer[]): Promise<Collector> {
  let exports = 0;
  const server = createServer((request, response) => {
    request.resume();
    (answers[exports++ % answers.length] as Answer)(response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, exports: () => exports };
}
