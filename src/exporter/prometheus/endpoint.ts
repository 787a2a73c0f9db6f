/**
 * The `/metrics` endpoint: HTTP servers of our own, which hold up neither the application's start nor its end.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { acceptsGzip, CONTENT_TYPES, negotiateFormat } from "./format.ts";
import type { Scrape } from "./scrape.ts";

export const METRICS_PATH = "/metrics";
/** A scraper that does not read for so long, in milliseconds, is cut off. */
const STALLED_AFTER_MS = 10_000;

export interface EndpointOptions {
  /** `localhost` is 127.0.0.1 and ::1, whichever the machine has. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly scrape: Scrape;
  /** Called with each server before it listens: what comes in there is not the application's traffic. */
  readonly onServer: (server: Server) => void;
  /** Called when a scrape has failed; the scraper has got 500. */
  readonly onScrapeFailure: (error: unknown) => void;
}

const LOCALHOST = ["127.0.0.1", "::1"] as const;
/** The machine, or the container, has no such address family. */
const NO_SUCH_FAMILY = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT"]);

export class Endpoint {
  readonly #options: EndpointOptions;
  readonly #servers: Server[] = [];
  #port = 0;

  constructor(options: EndpointOptions) {
    this.#options = options;
  }

  /** The port that it listens on; 0 before. */
  get port(): number {
    return this.#port;
  }

  get url(): string {
    const { host } = this.#options;
    return `http://${host.includes(":") ? `[${host}]` : host}:${this.#port}${METRICS_PATH}`;
  }

  /** @throws the system's error (`EADDRINUSE`, `EACCES`, `ENOTFOUND`, …) where it cannot listen */
  async listen(): Promise<void> {
    const { host, port } = this.#options;
    if (host !== "localhost") {
      this.#port = await this.#listen(host, port);
      return;
    }
    const failures: NodeJS.ErrnoException[] = [];
    for (const address of LOCALHOST) {
      try {
        this.#port = await this.#listen(address, this.#port || port);
      } catch (error) {
        failures.push(error as NodeJS.ErrnoException);
      }
    }
    const fatal = failures.find(({ code }) => !NO_SUCH_FAMILY.has(code ?? ""));
    // a port that we chose ourselves may be taken on the other family: then one family has to do
    if (failures.length === LOCALHOST.length || (fatal !== undefined && port !== 0)) {
      await this.close();
      throw fatal ?? failures[0];
    }
  }

  async #listen(host: string, port: number): Promise<number> {
    const server = createServer((request, response) => void this.#answer(request, response));
    this.#options.onServer(server);
    // neither the server nor a scraper's idle connection may keep the application's process alive
    server.unref();
    server.on("connection", (socket) => socket.unref());
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      // exclusive: a worker of a cluster never shares a scrape socket, or each scrape would meet another worker
      server.listen({ host, port, exclusive: true }, resolve);
    });
    server.removeAllListeners("error");
    server.on("error", this.#options.onScrapeFailure);
    this.#servers.push(server);
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : port;
  }

  /** Ends at once, scrapes under way included. */
  async close(): Promise<void> {
    const servers = this.#servers.splice(0);
    await Promise.all(
      servers.map((server) => {
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        return closed;
      }),
    );
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      response.setTimeout(STALLED_AFTER_MS, () => request.socket.destroy());
      const path = request.url?.split("?", 1)[0];
      if (path !== METRICS_PATH) return refuse(response, 404, `Not found. The metrics are at ${METRICS_PATH}\n`);
      if (request.method !== "GET" && request.method !== "HEAD") {
        response.setHeader("allow", "GET, HEAD");
        return refuse(response, 405, "Method not allowed. Use GET or HEAD\n");
      }
      await this.#expose(request, response);
    } catch (error) {
      this.#fail(response, error);
    }
  }

  async #expose(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const format = negotiateFormat(request.headers.accept);
    const chunks = await this.#options.scrape.render(format);
    response.setHeader("content-type", CONTENT_TYPES[format]);
    response.setHeader("vary", "Accept, Accept-Encoding");
    const gzip = acceptsGzip(request.headers["accept-encoding"]);
    if (gzip) response.setHeader("content-encoding", "gzip");
    else
      response.setHeader(
        "content-length",
        chunks.reduce((length, chunk) => length + chunk.length, 0),
      );
    if (request.method === "HEAD") {
      response.end();
      return;
    }
    const body = Readable.from(chunks);
    // zlib works in the thread pool
    await (gzip ? pipeline(body, createGzip(), response) : pipeline(body, response)).catch(() => {
      // the scraper has gone, or did not read: nothing is left to say to it
    });
  }

  #fail(response: ServerResponse, error: unknown): void {
    this.#options.onScrapeFailure(error);
    if (response.headersSent) response.destroy();
    else refuse(response, 500, "The metrics could not be collected; the process's stderr says why\n");
  }
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.setHeader("content-type", "text/plain; charset=utf-8");
  response.end(text);
}
