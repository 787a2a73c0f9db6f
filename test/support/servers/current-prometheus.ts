/** A current Prometheus, which takes OTLP, built from its Go modules (current-prometheus/go.mod) at its first use. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtProgram } from "./go-program.ts";
import { type PrometheusServer, query, SCRAPE_INTERVAL_SECONDS } from "./prometheus.ts";
import { startServer } from "./server-process.ts";

/** Without the service discoveries of the clouds, and so without their libraries; the web pages are not built. */
export function currentPrometheusProgram(): string {
  return builtProgram({
    name: "current-prometheus",
    folder: join(import.meta.dirname, "current-prometheus"),
    sources: ["go.mod", "go.sum"],
    package: "github.com/prometheus/prometheus/cmd/prometheus",
    tags: "remove_all_sd",
  });
}

/** @param targets `host:port`, scraped once a second; their own `job` and `instance` stay. OTLP: `/api/v1/otlp`. */
export async function startCurrentPrometheus(targets: readonly string[]): Promise<PrometheusServer> {
  const folder = mkdtempSync(join(tmpdir(), "otel-red-current-prometheus-"));
  const interval = `${SCRAPE_INTERVAL_SECONDS}s`;
  const scrape = {
    job_name: "scraped",
    scrape_interval: interval,
    scrape_timeout: interval,
    honor_labels: true,
    static_configs: [{ targets }],
  };
  const configFile = join(folder, "prometheus.yml");
  try {
    // JSON is YAML
    writeFileSync(configFile, JSON.stringify({ scrape_configs: [scrape] }));
    const program = { names: [currentPrometheusProgram()], debianPackage: "current-prometheus" } as const;
    const server = await startServer(program, (dataFolder) => [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${dataFolder}`,
      "--web.listen-address=127.0.0.1:0",
      "--web.enable-otlp-receiver",
    ]);
    return { ...server, query: (promql, atSeconds) => query(server.url, promql, atSeconds) };
  } finally {
    rmSync(folder, { recursive: true, force: true }); // it was read at the start
  }
}
