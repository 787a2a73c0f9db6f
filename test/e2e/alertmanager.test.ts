/** Real Alertmanager with the repository's alertmanager.yml: who is told of which alerts, and in how many notifications. */
import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { OTEL_CONFIG } from "../support/otel-config/files.ts";
import { amtool, startAlertmanager } from "../support/servers/alertmanager.ts";
import type { ServerProcess } from "../support/servers/server-process.ts";
import { until } from "../support/until.ts";

const CONFIG = join(OTEL_CONFIG, "alertmanager/alertmanager.yml");
const DEADLINE_MS = 30_000;

type Labels = Readonly<Record<string, string>>;

const SHOP = { namespace: "prod", job: "otel-red", service: "shop" };
const DOWN = { ...SHOP, alertname: "RedServiceDown", severity: "critical" };
const BURN = { ...SHOP, alertname: "RedAvailabilityBudgetBurn", severity: "critical" };
const NO_TRAFFIC = { ...SHOP, alertname: "RedNoTraffic", severity: "critical" };
const TARGET_DOWN = { ...SHOP, alertname: "RedTargetDown", severity: "warning", instance: "10.0.0.1:9464" };
const SLOW = { ...SHOP, alertname: "RedLatencyBudgetBurn", severity: "warning" };
const elsewhere = (alert: Labels, labels: Labels) => ({ ...alert, ...labels });

const INHIBITIONS: readonly { name: string; firing: readonly Labels[]; told: readonly Labels[] }[] = [
  { name: "all alone", firing: [SLOW], told: [SLOW] },
  {
    name: "a service that is down: its targets, its traffic and its budget are not worth a word",
    firing: [DOWN, TARGET_DOWN, NO_TRAFFIC, BURN, SLOW],
    told: [DOWN],
  },
  { name: "a page: the warnings wait", firing: [BURN, SLOW, TARGET_DOWN], told: [BURN] },
  {
    name: "one target of several: the service's own alerts still count",
    firing: [TARGET_DOWN, SLOW],
    told: [TARGET_DOWN, SLOW],
  },
  { name: "two pages", firing: [BURN, NO_TRAFFIC], told: [BURN, NO_TRAFFIC] },
  ...["cluster", "namespace", "job", "service"].map((label) => ({
    name: `the same in another ${label}`,
    firing: [DOWN, elsewhere(BURN, { [label]: "other" })],
    told: [DOWN, elsewhere(BURN, { [label]: "other" })],
  })),
  {
    name: "where the scrape attaches no namespace",
    firing: [
      { service: "shop", alertname: "RedServiceDown", severity: "critical" },
      { service: "shop", alertname: "RedNoTraffic", severity: "critical" },
    ],
    told: [{ service: "shop", alertname: "RedServiceDown", severity: "critical" }],
  },
  {
    name: "somebody else's alerts",
    firing: [DOWN, { ...SHOP, alertname: "DiskFull", severity: "warning" }],
    told: [DOWN, { ...SHOP, alertname: "DiskFull", severity: "warning" }],
  },
];

/** Sent last: once the second of them is held back, the inhibition rules have seen all that was sent before. */
const SENTINELS = [elsewhere(DOWN, { service: "sentinel" }), elsewhere(SLOW, { service: "sentinel" })];

interface GottenAlert {
  readonly labels: Labels;
  readonly status: { readonly state: "unprocessed" | "active" | "suppressed" };
}

describe("otel-config/alertmanager", function () {
  this.timeout(60_000);

  it("amtool check-config", () => match(amtool("check-config", CONFIG), /SUCCESS/));

  for (const severity of ["critical", "warning", "anything else"])
    it(`${severity} goes to the one receiver that is to be filled in`, () =>
      equal(amtool("config", "routes", "test", `--config.file=${CONFIG}`, `severity=${severity}`).trim(), "team"));

  describe("tells of", () => {
    let alertmanager: ServerProcess;
    afterEach(() => alertmanager.stop());

    async function send(labels: Labels): Promise<void> {
      const response = await fetch(`${alertmanager.url}/api/v2/alerts`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify([{ labels }]),
      });
      equal(response.status, 200, await response.text());
    }

    for (const { name, firing, told } of INHIBITIONS)
      it(name, async () => {
        alertmanager = await startAlertmanager(CONFIG);
        for (const labels of [...firing, ...SENTINELS]) await send(labels);
        const alerts = await until("the sentinel is held back", DEADLINE_MS, async () => {
          const response = await fetch(`${alertmanager.url}/api/v2/alerts`);
          const all = (await response.json()) as GottenAlert[];
          const suppressed = all.filter(({ status }) => status.state === "suppressed");
          return suppressed.some(({ labels }) => labels.service === "sentinel") ? all : undefined;
        });
        const heard = alerts.filter(({ status, labels }) => status.state === "active" && labels.service !== "sentinel");
        deepEqual(sorted(heard.map(({ labels }) => labels)), sorted(told));
      });
  });
});

function sorted(alerts: readonly Labels[]): Labels[] {
  return alerts.toSorted((a, b) => spelt(a).localeCompare(spelt(b)));
}

function spelt(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort());
}
