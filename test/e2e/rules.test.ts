/**
 * The committed rules in real Prometheus, which scrapes two instances of the demo through targets that carry a
 * ServiceMonitor's labels, one of them as OpenShift does: every rule can be evaluated, and the counts are those of the visitors' books.
 */
import { deepEqual, equal } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { serviceMonitor } from "../../src/cli/generate/operator.ts";
import { DEFAULT_OPTIONS } from "../../src/cli/generate/options.ts";
import { COUNTED, UP } from "../../src/cli/generate/prometheus/records.ts";
import { scrapeConfigs } from "../../src/cli/generate/prometheus/scrape-config.ts";
import type { Account, Books } from "../apps/demo/books.ts";
import { type ShopProcess, startShop } from "../apps/demo/shop-process.ts";
import { runTraffic } from "../apps/demo/traffic.ts";
import { REGISTER } from "../support/app.ts";
import { freePort } from "../support/free-port.ts";
import { type Change, copyConfig } from "../support/otel-config/copy.ts";
import { count } from "../support/rules/scraped-demo.ts";
import { type PrometheusServer, startPrometheusWith } from "../support/servers/prometheus.ts";
import { until } from "../support/until.ts";

const DEADLINE_MS = 30_000;
const VISITORS = { browser: 8, buyer: 12, scanner: 2, impatient: 1, leaver: 1 };
/** Of the target, and two of them called as ours are. */
const SERVICE_MONITOR = { namespace: "market", service: "shop-metrics", endpoint: "metrics" };

/** Those of long windows, too: nobody here waits for them. */
const everySecond: Change = (text) => text.replace(/^( +interval:) \w+$/gm, "$1 1s");

interface Rule {
  readonly name: string;
  readonly health: string;
  readonly lastError?: string;
}

describe("the rules in Prometheus", function () {
  this.timeout(120_000);

  let folder: string;
  let prometheus: PrometheusServer;
  const ports: number[] = [];
  const shops: ShopProcess[] = [];
  const books: Books[] = [];

  before(async () => {
    ports.push(await freePort(0), await freePort(0));
    const [scrape] = scrapeConfigs(DEFAULT_OPTIONS, ["static"]);
    const [endpoint] = serviceMonitor(DEFAULT_OPTIONS).spec.endpoints;
    const targetsOf = (port?: number) => ({
      static_configs: [{ targets: [`127.0.0.1:${port}`], labels: SERVICE_MONITOR }],
    });
    const config = {
      global: { scrape_interval: "1s", evaluation_interval: "1s" },
      rule_files: ["rules.yml", "alerts.yml"],
      scrape_configs: [
        { ...scrape, ...targetsOf(ports[0]) },
        // the ServiceMonitor where its honorLabels is overridden
        { job_name: "overridden", honor_labels: false, relabel_configs: endpoint?.relabelings, ...targetsOf(ports[1]) },
      ],
    };
    folder = mkdtempSync(join(tmpdir(), "otel-red-rules-"));
    copyConfig("prometheus", folder, everySecond);
    writeFileSync(join(folder, "prometheus.yml"), JSON.stringify(config));
    for (const port of ports) {
      const environment = { ...process.env, PORT: "0", OTEL_EXPORTER_PROMETHEUS_PORT: String(port) };
      shops.push(await startShop(["--require", REGISTER], { ...environment, OTEL_SERVICE_NAME: "shop" }));
    }
    prometheus = await startPrometheusWith(join(folder, "prometheus.yml"));
    await answers(`${COUNTED.all} == 0`, 2);
    for (const { address } of shops) books.push((await runTraffic({ address, visitors: VISITORS })).books);
  });

  after(async () => {
    await prometheus?.stop();
    await Promise.all(shops.map((shop) => shop.stop()));
    rmSync(folder, { recursive: true, force: true });
  });

  function answers(query: string, series: number) {
    return until(`${query} has ${series} series`, DEADLINE_MS, async () => {
      const answer = await prometheus.query(query);
      return answer.length === series ? answer : undefined;
    });
  }

  const succeeded = ({ status }: Account) => status < 400;
  for (const [counted, of] of [
    [COUNTED.all, () => true],
    [COUNTED.failed, ({ status }) => status >= 500],
    [COUNTED.succeeded, succeeded],
  ] as const satisfies readonly [string, (account: Account) => boolean][])
    it(`${counted} is what the visitors of each instance saw`, async () => {
      const expected = books.map((each) => count([each], of)).sort();
      const answer = await until(`${counted} are ${expected}`, DEADLINE_MS, async () => {
        const series = await prometheus.query(counted);
        return isDeepStrictEqual(series.map(({ value }) => value).sort(), expected) ? series : undefined;
      });
      for (const { metric } of answer) {
        equal(metric.service, "shop", "our label, not that of the target");
        equal(metric.namespace, SERVICE_MONITOR.namespace);
      }
    });

  it("each can be evaluated", async () => {
    const rules = await until("all have been evaluated", DEADLINE_MS, async () => {
      const response = await fetch(`${prometheus.url}/api/v1/rules`);
      const { data } = (await response.json()) as { data: { groups: { rules: Rule[] }[] } };
      const all = data.groups.flatMap((group) => group.rules);
      return all.every(({ health }) => health !== "unknown") ? all : undefined;
    });
    deepEqual(
      rules.filter(({ health }) => health !== "ok").map(({ name, lastError }) => [name, lastError]),
      [],
    );
  });

  it("an instance that is gone is known as long as Prometheus looks for it", async () => {
    await shops.pop()?.stop();
    // a scrape of the other one may fail as well, on a busy machine
    const gone = `{instance="127.0.0.1:${ports.at(-1)}"}`;
    const known = UP + gone;
    await answers(`count_over_time((up${gone} == 0)[10s:1s]) >= 5`, 1); // handed on from one evaluation to the next
    const [remembered] = await answers(known, 1);
    equal(remembered?.metric.service, "shop");
  });
});
