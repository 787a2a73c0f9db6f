/**
 * Tables of routes: one row, one request, and the one series that it is expected to be counted in.
 *
 * The application of a table runs under each instrumentation and serves all rows. It announces further servers after
 * its port: `listening 4001 second=4002`.
 */
import assert from "node:assert/strict";
import { request } from "node:http";
import { type App, type AppOptions, INSTRUMENTATIONS, startApp } from "./app.ts";
import { type Exposition, type Sample, series, total } from "./exposition.ts";
import { nodeBinary } from "./node-versions.ts";
import { sharedApp } from "./shared-app.ts";

export interface RowDetails {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The name of a further server of the application. Default: the one on the announced port. */
  readonly server?: string;
  /** The label, where it is not the method as sent. */
  readonly method?: string;
}

export type RouteRow = readonly [
  /** What the row is about. */
  shape: string,
  /** Method and target: `GET /users/42`. */
  request: string,
  path: string,
  status: number,
  /** The page that says which route this request takes, and so what is expected here. */
  docs: string,
  details?: RowDetails,
];

export interface TableOptions extends AppOptions {
  /** Runs the application on this version of Node.js (`22`). Default: as `node` says. */
  readonly nodeVersion?: string | undefined;
  /** Installs, or builds, what the application needs. Default: nothing to do. */
  readonly prepare?: (() => void | Promise<void>) | undefined;
  /** What is said on stderr, at level `info`, beside where the metrics are served. Default: nothing. */
  readonly said?: readonly string[] | undefined;
}

/** For a version of Node.js, or packages, that this machine does not have yet. */
const DOWNLOAD_MS = 200_000;

/** Runs the rows in order, each as a test, under both instrumentations. */
export function testRoutes(name: string, options: TableOptions, rows: readonly RouteRow[]): void {
  for (const instrumentation of INSTRUMENTATIONS) {
    describe(`${name}, ${instrumentation}`, () => {
      let counted: Exposition;
      let requests: number;
      const downloads = options.nodeVersion !== undefined || options.prepare !== undefined;
      const app = sharedApp({
        startMs: downloads ? DOWNLOAD_MS : undefined,
        async start() {
          await options.prepare?.();
          const node = options.nodeVersion && { node: await nodeBinary(options.nodeVersion) };
          const env = { ...options.env, RED_HTTP_INSTRUMENTATION: instrumentation };
          const started = await startApp({ ...options, ...node, env });
          counted = await started.scrape();
          requests = 0;
          return started;
        },
      });

      for (const [shape, request, path, status, docs, details = {}] of rows) {
        const { method = request.slice(0, request.indexOf(" ")) } = details;
        assert.match(docs, /^https?:/, "every expectation has its source");
        it(`${shape}: ${request} → ${path} ${status}`, async () => {
          const answered = await send(app(), request, details);
          requests++;
          const before = counted;
          counted = await nextCounted(app(), before);
          assert.deepEqual(
            { answered, counted: countedSince(before, counted) },
            { answered: status, counted: { [`${method} ${status} ${path}`]: 1 } },
            docs,
          );
        });
      }

      it("has counted each request once, in families that agree", async () => {
        const { samples } = await app().scrape();
        assert.equal(total(samples, "http_requests_total"), requests);
        assertFamiliesAgree(samples);
      });

      it("says nothing on stderr that is not expected", () => {
        const lines = app()
          .stderr()
          .split("\n")
          .filter((line) => line.includes("otel-red"));
        const { said = [] } = options;
        assert.deepEqual(lines, [`otel-red: metrics are served on ${app().metricsUrl}`, ...said]);
      });
    });
  }
}

/** The next scrape that has counted more. */
function nextCounted(app: App, before: Exposition): Promise<Exposition> {
  const known = total(before.samples, "http_requests_total");
  return app.scrapeUntil("a request is counted", ({ samples }) => total(samples, "http_requests_total") > known);
}

/** What was counted between two scrapes, by `<method> <status_code> <path>`. */
export function countedSince(before: Exposition, after: Exposition): Record<string, number> {
  const known = countedBySeries(before);
  const counted: Record<string, number> = {};
  for (const [name, value] of Object.entries(countedBySeries(after))) {
    const more = value - (known[name] ?? 0);
    if (more !== 0) counted[name] = more;
  }
  return counted;
}

function countedBySeries({ samples }: Exposition): Record<string, number> {
  const entries = series(samples, "http_requests_total").map(({ labels, value }) => {
    return [`${labels.method} ${labels.status_code} ${labels.path}`, value] as const;
  });
  return Object.fromEntries(entries);
}

/** One measurement, shown three ways; and nothing is active between requests. */
export function assertFamiliesAgree(samples: readonly Sample[]): void {
  for (const { labels, value } of series(samples, "http_requests_total")) {
    const isError = Number(labels.status_code) >= 400;
    assert.deepEqual(
      {
        durations: total(samples, "http_request_duration_seconds_count", labels),
        errors: total(samples, "http_errors_total", labels),
      },
      { durations: value, errors: isError ? value : 0 },
      JSON.stringify(labels),
    );
  }
  assert.equal(total(samples, "otel_red_path_source_total"), total(samples, "http_requests_total"));
  const active = series(samples, "http_requests_active").filter(({ value }) => value !== 0);
  assert.deepEqual(active, []);
}

/** The port of a server that the application has announced by name. */
export function portOf(app: App, server?: string): number {
  if (server === undefined) return app.port;
  const port = new RegExp(` ${server}=(\\d+)`).exec(app.stdout())?.[1];
  assert.ok(port, `the application announces ${server}`);
  return Number(port);
}

/** The target goes out as it is written: `fetch` would tidy it up. Resolves with the status once all was received. */
function send(app: App, line: string, { headers, body, server }: RowDetails): Promise<number> {
  const [method, path] = line.split(" ", 2);
  return new Promise((resolve, reject) => {
    const port = portOf(app, server);
    const outgoing = request({ host: "127.0.0.1", port, method, path, headers, agent: false });
    outgoing.on("response", (response) => {
      response.on("end", () => resolve(response.statusCode as number)).on("error", reject);
      response.resume();
    });
    outgoing.on("error", reject).end(body);
  });
}
