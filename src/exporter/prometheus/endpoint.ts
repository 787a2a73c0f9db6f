/**
 * The `/metrics` endpoint: HTTP servers of our own, which hold up neither the application's start nor its end.
 */
import { EventEmitter } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { Connections } from "./connections.ts";
import { endpointUrl, METRICS_PATH } from "./endpoint-url.ts";
import { CONTENT_TYPES, negotiateEncoding, negotiateFormat } from "./format.ts";
import type { Scrape } from "./scrape.ts";
import { collectionTimeoutMs, SCRAPE_TIMEOUT_HEADER } from "./scrape-timeout.ts";
import { inSlices } from "./slices.ts";

/** What stands before the path: the origin of a target in absolute form, or a slash too many. */
const BEFORE_PATH = /^(?:[a-z][a-z\d+.-]*:\/\/[^/?#]*)?\/*(?=\/)/i;
/** Milliseconds. A scraper sends its few hundred bytes at once. Node looks for late ones at the interval. */
const TIMEOUTS = { headersTimeout: 5000, requestTimeout: 10_000, connectionsCheckingInterval: 2000 };
/** A scraper that does not take another piece (some 30 kB) for so long, in milliseconds, is cut off. */
const STALLED_AFTER_MS = 10_000;

export interface EndpointOptions {
  /** `localhost` is 127.0.0.1 and ::1, whichever the machine has. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly scrape: Pick<Scrape, "render">;
  /** Milliseconds of a monotonic clock. */
  readonly nowMs: () => number;
  /** Default: STALLED_AFTER_MS. */
  readonly stalledAfterMs?: number;
  /** Called with each server before it listens: what comes in there is not the application's traffic. */
  readonly onServer: (server: Server) => void;
  /** Called when scrapes begin to fail, not for each of them; the scrapers get 500 until one succeeds. */
  readonly onFailure: (error: unknown) => void;
}

const LOCALHOST = ["127.0.0.1", "::1"] as const;
/** The machine, or the container, has no such address family. */
const NO_SUCH_FAMILY = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT"]);

export class Endpoint {
  readonly #options: EndpointOptions;
  readonly #servers: Server[] = [];
  readonly #connections = new Connections();
  #port = 0;
  #closed = false;
  #failing = false;

  constructor(options: EndpointOptions) {
    this.#options = options;
  }

  /** The port that it listens on; 0 before. */
  get port(): number {
    return this.#port;
  }

  /** Undefined before it listens, and after. */
  get url(): string | undefined {
    const { host } = this.#options;
    if (this.#port === 0 || this.#closed) return undefined;
    return endpointUrl(host, this.#port);
  }

  /** @throws the system's error (`EADDRINUSE`, `EACCES`, `ENOTFOUND`, …) where it cannot listen */
  async listen(): Promise<void> {
    const { host, port } = this.#options;
    if (host !== "localhost") {
      await this.#listen(host, port);
      return;
    }
    const failures: NodeJS.ErrnoException[] = [];
    for (const address of LOCALHOST) {
      await this.#listen(address, this.#port || port).catch((error) => failures.push(error));
      // whoever has the first address gets the second one: two that have one each would both have to give up
      if (failures[0]?.code === "EADDRINUSE") break;
    }
    const fatal = failures.find(({ code }) => !NO_SUCH_FAMILY.has(code ?? ""));
    // a port that we chose ourselves may be taken on the other family: then one family has to do
    if (failures.length === LOCALHOST.length || (fatal !== undefined && port !== 0)) {
      await this.close();
      throw fatal ?? failures[0];
    }
  }

  async #listen(host: string, port: number): Promise<void> {
    if (this.#closed) return;
    const server = createServer(TIMEOUTS, (request, response) => void this.#answer(request, response));
    // where an APM has replaced the `emit` of all HTTP servers, scrapes would become its spans
    server.emit = EventEmitter.prototype.emit;
    this.#options.onServer(server);
    this.#servers.push(server);
    // neither the server nor a scraper's idle connection may keep the application's process alive
    server.unref();
    server.on("connection", (socket) => socket.unref());
    this.#connections.bound(server);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      // closed while its address was looked up: it never listens
      server.once("close", resolve);
      // exclusive: a worker of a cluster never shares a scrape socket, or each scrape would meet another worker
      server.listen({ host, port, exclusive: true }, resolve);
    });
    server.removeAllListeners("error");
    server.on("error", (error) => this.#report(error));
    const address = server.address();
    if (typeof address === "object" && address !== null) this.#port = address.port;
  }

  /** Ends at once, scrapes under way included: the port is free again as soon as this has returned its promise. */
  async close(): Promise<void> {
    this.#closed = true;
    const servers = this.#servers.splice(0);
    // first none of them takes connections any more, then those that are open end: even if ending them fails
    const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
    for (const server of servers) server.closeAllConnections();
    await Promise.all(closed);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const path = request.url?.replace(BEFORE_PATH, "").split("?", 1)[0];
      if (path !== METRICS_PATH) {
        refuse(response, 404, `Not found. The metrics are at ${METRICS_PATH}\n`);
      } else if (request.method !== "GET" && request.method !== "HEAD") {
        response.setHeader("allow", "GET, HEAD");
        refuse(response, 405, "Method not allowed. Use GET or HEAD\n");
      } else {
        await this.#expose(request, response);
      }
    } catch (error) {
      this.#report(error);
      if (response.headersSent) response.destroy();
      else refuse(response, 500, "The metrics could not be collected; the process's stderr says why\n");
    }
  }

  async #expose(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const format = negotiateFormat(request.headers.accept);
    const encoding = negotiateEncoding(request.headers["accept-encoding"]);
    const timeoutMs = collectionTimeoutMs(request.headers[SCRAPE_TIMEOUT_HEADER]);
    const chunks = await this.#options.scrape.render(format, encoding, timeoutMs);
    this.#failing = false;
    response.setHeader("content-type", CONTENT_TYPES[format]);
    response.setHeader("vary", "Accept, Accept-Encoding");
    if (encoding !== "identity") response.setHeader("content-encoding", encoding);
    response.setHeader("content-length", lengthOf(chunks));
    if (request.method === "HEAD") response.end();
    else await this.#send(chunks, response);
  }

  async #send(chunks: readonly Buffer[], response: ServerResponse): Promise<void> {
    const { nowMs, stalledAfterMs = STALLED_AFTER_MS } = this.#options;
    // not the socket's own timeout: that one waits up to twice as long where something is left to be written
    const stalled = setTimeout(() => response.destroy(), stalledAfterMs).unref();
    try {
      // in slices: a scraper that reads as fast as we write would have us write it all at one go
      await pipeline(
        whenTaken(inSlices(chunks, nowMs), () => stalled.refresh()),
        response,
      );
    } catch {
      // the scraper has gone, or did not read: nothing is left to say to it
    } finally {
      clearTimeout(stalled);
    }
  }

  /**
   * Once for a run of failures: a scraper comes back every few seconds, with the same outcome. A scrape that fails because the
   * endpoint closes is not reported.
   */
  #report(error: unknown): void {
    if (!this.#failing && !this.#closed) this.#options.onFailure(error);
    this.#failing = true;
  }
}

async function* whenTaken<T>(items: AsyncIterable<T>, onTaken: () => void): AsyncGenerator<T, void, undefined> {
  for await (const item of items) {
    onTaken();
    yield item;
  }
}

function lengthOf(chunks: readonly Buffer[]): number {
  return chunks.reduce((length, chunk) => length + chunk.length, 0);
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.setHeader("content-type", "text/plain; charset=utf-8");
  response.end(text);
}
