/** An OpenTelemetry Collector, built from its Go modules (collector/main.go) at its first use, as a process of a test. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Exposition, parseExposition } from "../exposition.ts";
import { freePort } from "../free-port.ts";
import { type OtlpExport, parseExports } from "../otlp-json.ts";
import { startCollectorProcess } from "./collector-process.ts";
import { builtProgram } from "./go-program.ts";

/** @returns the path of the program; built once for each version of its sources. @throws Error with the remedy */
export function collectorProgram(): string {
  const folder = join(import.meta.dirname, "collector");
  return builtProgram({ name: "collector", folder, sources: ["main.go", "go.mod", "go.sum"] });
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
  /** `host:port` of its Prometheus exporter. */
  readonly prometheusTarget: string;
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
    prometheusTarget: `127.0.0.1:${prometheus}`,
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
