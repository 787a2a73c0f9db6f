/** An OpenTelemetry Collector, built from its Go modules (collector/main.go) at its first use, as a process of a test. */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { REPOSITORY } from "../app.ts";
import { type Exposition, parseExposition } from "../exposition.ts";
import { freePort } from "../free-port.ts";
import { type OtlpExport, parseExports } from "../otlp-json.ts";
import { startCollectorProcess } from "./collector-process.ts";

const SOURCES = join(import.meta.dirname, "collector");
const INSTALL = "https://go.dev/doc/install (1.25 or newer)";
/** From an empty module cache it took 3 minutes on 2 cores. */
export const BUILD_MS = 15 * 60_000;

/** @returns the path of the program; built once for each version of its sources. @throws Error with the remedy */
export function collectorProgram(): string {
  const hash = createHash("sha256");
  for (const file of ["main.go", "go.mod", "go.sum"]) hash.update(readFileSync(join(SOURCES, file)));
  const folder = join(REPOSITORY, "node_modules/.cache/otel-red");
  const program = join(folder, `collector-${hash.digest("hex").slice(0, 16)}`);
  if (existsSync(program)) return program;
  if (spawnSync("go", ["version"]).error)
    throw new Error(`Go is not installed, and builds the collector of this test; install it: ${INSTALL}`);
  mkdirSync(folder, { recursive: true });
  const partial = `${program}.${process.pid}`;
  execFileSync("go", ["build", "-trimpath", "-ldflags=-s -w", "-o", partial, "."], {
    cwd: SOURCES,
    env: { ...process.env, CGO_ENABLED: "0" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  renameSync(partial, program);
  return program;
}

export interface CollectorOptions {
  /** PEM files; with `clientCa` a client has to have a certificate of that authority. Default: no TLS. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly clientCa: string };
  /** Requests have to have it as `authorization: Bearer …`. Default: nothing is asked for. */
  readonly token?: string;
}

export interface Collector {
  /** Of OTLP over HTTP: `http://127.0.0.1:4318`, or https. */
  readonly httpUrl: string;
  readonly grpcUrl: string;
  /** What its Prometheus exporter shows. */
  scrape(): Promise<Exposition>;
  /** All that it was sent, in the order in which it came. */
  exports(): OtlpExport[];
  stop(): Promise<void>;
}

export async function startCollector(options: CollectorOptions = {}): Promise<Collector> {
  const program = collectorProgram();
  const directory = mkdtempSync(join(tmpdir(), "otel-red-collector-"));
  const config = join(directory, "config.json");
  const file = join(directory, "metrics.jsonl");
  const [http, grpc, prometheus] = [await freePort(0), await freePort(0), await freePort(0)];
  // JSON is YAML
  writeFileSync(config, JSON.stringify(configuration({ http, grpc, prometheus, file }, options)));
  const collector = await startCollectorProcess(program, config);
  // certificates are for names: gRPC has Node warn of an address
  const origin = options.tls ? "https://localhost" : "http://127.0.0.1";
  return {
    httpUrl: `${origin}:${http}`,
    grpcUrl: `${origin}:${grpc}`,
    async scrape() {
      const response = await fetch(`http://127.0.0.1:${prometheus}/metrics`);
      return parseExposition(await response.text());
    },
    exports: () => (existsSync(file) ? parseExports(readFileSync(file, "utf8")) : []),
    async stop() {
      await collector.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

interface Places {
  readonly http: number;
  readonly grpc: number;
  readonly prometheus: number;
  readonly file: string;
}

function configuration({ http, grpc, prometheus, file }: Places, { tls, token }: CollectorOptions): object {
  const secured = {
    ...(tls && { tls: { cert_file: tls.cert, key_file: tls.key, client_ca_file: tls.clientCa } }),
    ...(token && { auth: { authenticator: "bearertokenauth" } }),
  };
  const at = (port: number) => `127.0.0.1:${port}`;
  return {
    ...(token && { extensions: { bearertokenauth: { token } } }),
    receivers: {
      otlp: {
        protocols: { http: { endpoint: at(http), ...secured }, grpc: { endpoint: at(grpc), ...secured } },
      },
    },
    exporters: {
      prometheus: { endpoint: at(prometheus), without_scope_info: true },
      file: { path: file, flush_interval: "50ms" },
    },
    service: {
      ...(token && { extensions: ["bearertokenauth"] }),
      telemetry: { metrics: { level: "none" } },
      pipelines: { metrics: { receivers: ["otlp"], exporters: ["prometheus", "file"] } },
    },
  };
}
