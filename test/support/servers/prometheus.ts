/** Debian's Prometheus and promtool, as processes of a test. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../until.ts";

const INSTALL = "apt-get update && apt-get install -y --no-install-recommends prometheus";
const START_MS = 30_000;
const LISTENING = /msg="Listening on" address=(\S+)/;
/** Prometheus's own default is a minute: a test would see two samples. */
export const SCRAPE_INTERVAL_SECONDS = 1;

/** @throws Error with the command that installs it, where the program cannot be had: such a test fails, it is not skipped */
function requireProgram(program: string): void {
  if (spawnSync(program, ["--version"]).error)
    throw new Error(`${program} is not installed; install it with: ${INSTALL}`);
}

/** What `promtool check metrics` has to say about an exposition; empty if all is well. @throws Error where it is refused */
export function checkMetrics(exposition: string): string {
  requireProgram("promtool");
  const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], {
    input: exposition,
    encoding: "utf8",
  });
  const said = `${stdout}${stderr}`.trim();
  if (status !== 0) throw new Error(`promtool check metrics ended with ${status}: ${said}`);
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
  requireProgram("prometheus");
  const directory = mkdtempSync(join(tmpdir(), "otel-red-prometheus-"));
  const config = join(directory, "prometheus.yml");
  const scrape = {
    job_name: "demo",
    scrape_interval: `${SCRAPE_INTERVAL_SECONDS}s`,
    scrape_timeout: `${SCRAPE_INTERVAL_SECONDS}s`,
    static_configs: [{ targets }],
  };
  // JSON is YAML
  writeFileSync(config, JSON.stringify({ scrape_configs: [scrape] }));
  execFileSync("promtool", ["check", "config", config]);
  const server = spawn(
    "prometheus",
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(directory, "data")}`,
      `--web.listen-address=127.0.0.1:0`,
      "--enable-feature=exemplar-storage",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const stop = async () => {
    await end(server);
    rmSync(directory, { recursive: true, force: true });
  };
  let log = "";
  server.stderr.setEncoding("utf8").on("data", (text) => {
    log += text;
  });
  try {
    const url = await until("Prometheus is ready", START_MS, async () => {
      const address = LISTENING.exec(log)?.[1];
      return address !== undefined && (await fetch(`http://${address}/-/ready`)).ok ? `http://${address}` : undefined;
    });
    return { url, stop, query: (promql, atSeconds) => query(url, promql, atSeconds) };
  } catch (error) {
    await stop();
    throw new Error(`Prometheus did not start: ${log}`, { cause: error });
  }
}

async function query(url: string, promql: string, atSeconds: number | undefined): Promise<Series[]> {
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

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  const exited = once(server, "exit");
  server.kill("SIGTERM");
  const stuck = setTimeout(() => server.kill("SIGKILL"), 5000);
  await exited.finally(() => clearTimeout(stuck));
}
