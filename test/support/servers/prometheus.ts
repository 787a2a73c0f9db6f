/** Debian's Prometheus and promtool, as processes of a test. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../until.ts";
import { type Program, requireProgram, type ServerProcess, startServer } from "./server-process.ts";

export const PROMETHEUS: Program = { names: ["prometheus"], debianPackage: "prometheus" };
export const PROMTOOL: Program = { names: ["promtool"], debianPackage: "prometheus" };
/** Prometheus's own default is a minute: a test would see two samples. */
export const SCRAPE_INTERVAL_SECONDS = 1;

/** Gauges to promtool's dislike, but prom-client's names, which dashboards know. */
const NAMES_OF_PROM_CLIENT =
  /^nodejs_active_(?:handles|requests|resources)_total non-counter metrics should not have "_total" suffix$/;
/** promtool's exit code where it reads all of it and dislikes some. */
const DISLIKED = 3;

/** What `promtool check metrics` has to say about an exposition; empty if all is well. @throws Error where it is refused */
export function checkMetrics(exposition: string): string {
  const { status, stdout, stderr } = spawnSync(requireProgram(PROMTOOL), ["check", "metrics"], {
    input: exposition,
    encoding: "utf8",
  });
  const lines = `${stdout}${stderr}`.trim().split("\n");
  const said = lines.filter((line) => !NAMES_OF_PROM_CLIENT.test(line)).join("\n");
  if (status !== 0 && (status !== DISLIKED || said !== ""))
    throw new Error(`promtool check metrics ended with ${status}: ${said}`);
  return said;
}

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface PrometheusServer {
  readonly url: string;
  /** An instant query, evaluated now or at the given time (seconds since the epoch). */
  query(promql: string, atSeconds?: number): Promise<Series[]>;
  stop(): Promise<void>;
}

/** Starts Prometheus on a free port, scraping these targets (`host:port`) once a second. */
export async function startPrometheus(targets: readonly string[]): Promise<PrometheusServer> {
  const scrape = {
    job_name: "demo",
    scrape_interval: `${SCRAPE_INTERVAL_SECONDS}s`,
    scrape_timeout: `${SCRAPE_INTERVAL_SECONDS}s`,
    static_configs: [{ targets }],
  };
  const folder = mkdtempSync(join(tmpdir(), "otel-red-prometheus-"));
  try {
    const configFile = join(folder, "prometheus.yml");
    // JSON is YAML
    writeFileSync(configFile, JSON.stringify({ scrape_configs: [scrape] }));
    return await startPrometheusWith(configFile);
  } finally {
    rmSync(folder, { recursive: true, force: true }); // it was read at the start
  }
}

/**
 * Starts Prometheus on a configuration file.
 *
 * @param listenAddress `host:port`. Default: a free port on 127.0.0.1.
 */
export async function startPrometheusWith(
  configFile: string,
  listenAddress = "127.0.0.1:0",
): Promise<PrometheusServer & ServerProcess> {
  execFileSync(requireProgram(PROMTOOL), ["check", "config", configFile]);
  const server = await startServer(PROMETHEUS, (dataFolder) => [
    `--config.file=${configFile}`,
    `--storage.tsdb.path=${dataFolder}`,
    `--web.listen-address=${listenAddress}`,
    "--enable-feature=exemplar-storage",
    "--web.enable-remote-write-receiver", // for the collector
  ]);
  return { ...server, query: (promql, atSeconds) => query(server.url, promql, atSeconds) };
}

/** @param url of the server */
export async function query(url: string, promql: string, atSeconds: number | undefined): Promise<Series[]> {
  const parameters = new URLSearchParams({
    query: promql,
    ...(atSeconds === undefined ? {} : { time: String(atSeconds) }),
  });
  const response = await fetch(`${url}/api/v1/query?${parameters}`);
  const { status, data, error } = (await response.json()) as {
    status: string;
    error?: string;
    data: { result: { metric: Record<string, string>; value: [number, string] }[] };
  };
  if (status !== "success") throw new Error(`${promql}: ${error}`);
  return data.result.map(({ metric, value: [, value] }) => ({
    metric,
    value: value === "+Inf" ? Number.POSITIVE_INFINITY : Number(value),
  }));
}

/**
 * Waits until the series add up to the value.
 *
 * @returns the time of the scrape that says so, in seconds since the epoch. By the clock it would be later, and a scrape under
 *   way then has the time of its beginning: where that one fails, the series have ended before the instant that is asked about.
 */
export async function scrapedAtSeconds(
  prometheus: PrometheusServer,
  selector: string,
  value: number,
  deadlineMs: number,
): Promise<number> {
  const condition = `max(timestamp(${selector})) and sum(${selector}) == ${value}`;
  return until(condition, deadlineMs, async () => (await prometheus.query(condition))[0]?.value);
}
