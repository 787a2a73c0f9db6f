/**
 * From the demo to the one who is woken: real Prometheus and Alertmanager with the repository's prometheus.yml, rules.yml,
 * alerts.yml and alertmanager.yml, in which only the durations are sixty times shorter and the ports are free ones.
 */
import { deepEqual, equal, match } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Notification, type Pager, startPager } from "../apps/demo/pager.ts";
import { type ShopProcess, startShop } from "../apps/demo/shop-process.ts";
import { keepVisiting } from "../apps/demo/steady-load.ts";
import { REGISTER } from "../support/app.ts";
import { freePort } from "../support/free-port.ts";
import { copyConfig, hastened, onPorts } from "../support/otel-config/copy.ts";
import { startAlertmanager } from "../support/servers/alertmanager.ts";
import { type PrometheusServer, startPrometheusWith } from "../support/servers/prometheus.ts";
import type { ServerProcess } from "../support/servers/server-process.ts";
import { until } from "../support/until.ts";

/** An hour is a minute. */
const TIMES_FASTER = 60;
const DEADLINE_MS = 120_000;

/** Visitors who see no error of the shop's own, among them a scanner and clients that give up. */
const FINE = { browser: 12, scanner: 3, impatient: 2, leaver: 1 } as const;
/** The payment provider fails one of seven. */
const FAILING = { ...FINE, buyer: 20 } as const;

describe("a service that starts failing", function () {
  this.timeout(180_000);

  let folder: string;
  let metricsPort: number;
  let shop: ShopProcess;
  let pager: Pager;
  let alertmanager: ServerProcess;
  let prometheus: PrometheusServer;
  const notifications: Notification[] = [];

  const pages = () => notifications.filter(({ alerts }) => alerts.some(({ labels }) => labels.severity === "critical"));
  const told = () => pages().map(({ status, alerts }) => [status, ...alerts.map(({ labels }) => labels.alertname)]);

  const startWatchedShop = () =>
    startShop(["--require", REGISTER], {
      ...process.env,
      PORT: "0",
      OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort),
    });

  /** Lets visitors in until the condition holds, and waits for the last to leave. */
  async function visitedUntil<T>(
    visitorsOfRound: typeof FINE | typeof FAILING,
    what: string,
    poll: () => Promise<T | undefined>,
  ): Promise<T> {
    const closed = new AbortController();
    const visiting = keepVisiting({ address: shop.address, visitorsOfRound, signal: closed.signal });
    try {
      return await Promise.race([
        until(what, DEADLINE_MS, poll),
        visiting.then(() => Promise.reject(new Error("left"))),
      ]);
    } finally {
      closed.abort();
      await visiting;
    }
  }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "otel-red-paging-"));
    metricsPort = await freePort(0);
    shop = await startWatchedShop();
    pager = await startPager(0, (notification) => notifications.push(notification));
    copyConfig("alertmanager", folder, hastened(TIMES_FASTER), onPorts({ 5001: pager.port }));
    alertmanager = await startAlertmanager(join(folder, "alertmanager.yml"));
    const ports = { 9464: metricsPort, 9093: Number(new URL(alertmanager.url).port) };
    copyConfig("prometheus", folder, hastened(TIMES_FASTER), onPorts(ports));
    prometheus = await startPrometheusWith(join(folder, "prometheus.yml"));
  });

  after(async () => {
    await prometheus?.stop();
    await alertmanager?.stop();
    await pager?.stop();
    await shop?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("pages nobody before", async () => {
    // the long window of the fastest alert has to be there: an hour of rates, with nothing failed in it
    await visitedUntil(FINE, "rates of all the service's requests", async () => {
      const [ratio] = await prometheus.query('service:http_requests_failed:ratio_rate5m{service="shop"}');
      return ratio?.value === 0 ? true : undefined;
    });
    deepEqual(notifications, []);
  });

  it("pages once", async () => {
    await visitedUntil(FAILING, "a page", async () => (pages().length > 0 ? true : undefined));
    deepEqual(told(), [["firing", "RedAvailabilityBudgetBurn"]]);
    const [alert] = pages()[0]?.alerts ?? [];
    equal(alert?.labels.service, "shop");
    match(alert?.annotations.summary ?? "", /^shop: [\d.]+% of the requests fail$/);
  });

  it("resolves", async () => {
    await visitedUntil(FINE, "the end of it", async () => (pages().length > 1 ? true : undefined));
    deepEqual(told(), [
      ["firing", "RedAvailabilityBudgetBurn"],
      ["resolved", "RedAvailabilityBudgetBurn"],
    ]);
  });

  it("goes down, and pages for that alone", async () => {
    notifications.length = 0;
    await shop.stop();
    await until("a page", DEADLINE_MS, async () => (pages().length > 0 ? true : undefined));
    deepEqual(told(), [["firing", "RedServiceDown"]]);
    deepEqual(
      notifications.filter(({ alerts }) => alerts.some(({ labels }) => labels.alertname === "RedTargetDown")),
      [],
    );
    shop = await startWatchedShop();
    await until("the end of it", DEADLINE_MS, async () => (pages().length > 1 ? true : undefined));
    deepEqual(told(), [
      ["firing", "RedServiceDown"],
      ["resolved", "RedServiceDown"],
    ]);
  });
});
