/**
 * The demo's shop as Prometheus finds it in Kubernetes: through a target that carries a ServiceMonitor's labels, two of
 * which have the names of ours, and with a restart in the middle of its visitors. Several processes share its page, if it
 * is told so; the first one gets the visitors.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FAMILIES } from "../../../src/view/red.ts";
import { type ShopProcess, startShop } from "../../apps/demo/shop-process.ts";
import { REGISTER } from "../app.ts";
import { freePort } from "../free-port.ts";
import { type PrometheusServer, SCRAPE_INTERVAL_SECONDS, startPrometheusWith } from "../servers/prometheus.ts";
import { until } from "../until.ts";

const SCRAPED_MS = 30_000;

/** https://github.com/prometheus-operator/prometheus-operator/blob/main/Documentation/api-reference/api.md#servicemonitor */
export const INSTANCE = "10.0.0.7:9464";
const TARGET_LABELS = {
  namespace: "market",
  service: "shop-metrics",
  endpoint: "metrics",
  pod: "shop-7c9d",
  container: "shop",
  instance: INSTANCE,
};

/** What is started, and started anew. */
interface Plan {
  readonly metricsPort: number;
  readonly environment: NodeJS.ProcessEnv;
  readonly processes: number;
}

export class WatchedShop {
  readonly prometheus: PrometheusServer;
  readonly #plan: Plan;
  #shops: readonly ShopProcess[];

  private constructor(prometheus: PrometheusServer, shops: readonly ShopProcess[], plan: Plan) {
    this.prometheus = prometheus;
    this.#shops = shops;
    this.#plan = plan;
  }

  /**
   * Prometheus has scraped the shop twice when this resolves.
   * @param environment what the shop is configured with
   * @param processes that share the page
   */
  static async open(environment: NodeJS.ProcessEnv = {}, processes = 1): Promise<WatchedShop> {
    const plan = { metricsPort: await freePort(0), environment, processes };
    const shops = await start(plan);
    const prometheus = await startWatching(plan.metricsPort);
    const watched = new WatchedShop(prometheus, shops, plan);
    await watched.#isComplete();
    await watched.scraped("two scrapes", "min(sum_over_time(up[1h])) >= 2");
    return watched;
  }

  get address(): string {
    return (this.#shops[0] as ShopProcess).address;
  }

  get metricsUrl(): string {
    return `http://127.0.0.1:${this.#plan.metricsPort}/metrics`;
  }

  get pids(): readonly number[] {
    return this.#shops.map((shop) => shop.process.pid as number);
  }

  /** Waits until the condition, a PromQL comparison, has an answer. @returns now, in seconds since the epoch */
  async scraped(what: string, condition: string): Promise<number> {
    return until(what, SCRAPED_MS, async () => {
      const atSeconds = Date.now() / 1000;
      return (await this.prometheus.query(condition, atSeconds)).length > 0 ? atSeconds : undefined;
    });
  }

  /** New processes in the place of the old ones, once Prometheus has noticed that these were gone. */
  async restart(): Promise<void> {
    await this.#stop();
    await this.scraped("the target is down", "max(up) == 0");
    this.#shops = await start(this.#plan);
    await this.#isComplete();
    await this.scraped("the target is up", `min(sum_over_time(up[${2 * SCRAPE_INTERVAL_SECONDS}s])) >= 2`);
  }

  async close(): Promise<void> {
    await this.prometheus.stop();
    await this.#stop();
  }

  async #isComplete(): Promise<void> {
    const { processes } = this.#plan;
    if (processes > 1) await this.scraped("all workers", `sum(${FAMILIES.workers.name}) == ${processes}`);
  }

  async #stop(): Promise<void> {
    await Promise.all(this.#shops.map((shop) => shop.stop()));
  }
}

function start({ metricsPort, environment, processes }: Plan): Promise<ShopProcess[]> {
  return Promise.all(
    Array.from({ length: processes }, () =>
      startShop(["--require", REGISTER], {
        ...process.env,
        PORT: "0",
        OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort),
        ...environment,
      }),
    ),
  );
}

async function startWatching(metricsPort: number): Promise<PrometheusServer> {
  const folder = mkdtempSync(join(tmpdir(), "otel-red-watched-"));
  try {
    const configFile = join(folder, "prometheus.yml");
    // JSON is YAML
    writeFileSync(configFile, JSON.stringify({ scrape_configs: [scrapeConfig(metricsPort)] }));
    return await startPrometheusWith(configFile);
  } finally {
    rmSync(folder, { recursive: true, force: true }); // it was read at the start
  }
}

function scrapeConfig(port: number) {
  return {
    job_name: "shop",
    honor_labels: true,
    scrape_interval: `${SCRAPE_INTERVAL_SECONDS}s`,
    scrape_timeout: `${SCRAPE_INTERVAL_SECONDS}s`,
    static_configs: [{ targets: [`127.0.0.1:${port}`], labels: TARGET_LABELS }],
  };
}
