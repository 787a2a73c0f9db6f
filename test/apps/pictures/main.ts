/**
 * `npm run pictures`: otel-config/grafana/pictures/, made of what Prometheus answers to the dashboard's own queries after it
 * has watched the demo for a while. Charts of the data, as Grafana arranges them; Grafana itself is not needed.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "../../support/app.ts";
import { type Dashboard, rowsOf } from "../../support/grafana/dashboard.ts";
import { ask, choose } from "../../support/grafana/data-source.ts";
import type { View } from "../../support/grafana/interpolation.ts";
import { WatchedShop } from "../../support/grafana/watched-shop.ts";
import { SCRAPE_INTERVAL_SECONDS } from "../../support/servers/prometheus.ts";
import { A_DAY_IN_THE_SHOP, runTraffic } from "../demo/traffic.ts";
import { requireChromium, takePicture } from "./browser.ts";
import { type Drawing, drawing } from "./drawings.ts";
import { page } from "./page.ts";

const DASHBOARD = join(REPOSITORY, "otel-config/grafana/dashboards/otel-red.json");
const PICTURES = join(REPOSITORY, "otel-config/grafana/pictures");

/** Each with the rows that are on it. */
const ROWS: Readonly<Record<string, readonly string[]>> = {
  "overview.png": ["Overview", "By route"],
  "requests.png": ["Durations", "Status codes", "Errors by route", "Aborted", "Slowest and busiest routes"],
  "process.png": ["Runtime", "Health of the metrics"],
};

/** How many of a day's visitors come at once, one crowd after the other: a morning, a rush and an evening. */
const CROWDS = [0.05, 0.05, 0.08, 0.1, 0.15, 0.25, 0.4, 0.6, 0.6, 0.4, 0.25, 0.15, 0.1, 0.08, 0.05, 0.05, 0.05];
const CROWD_SECONDS = 6;

const browser = requireChromium();
const watched = await WatchedShop.open();
try {
  const fromSeconds = Math.floor(Date.now() / 1000);
  for (const [index, share] of CROWDS.entries()) await visit(share, index, fromSeconds + CROWD_SECONDS * (index + 1));
  const dashboard = JSON.parse(readFileSync(DASHBOARD, "utf8")) as Dashboard;
  const view = await choose(watched.prometheus.url, dashboard, {
    fromSeconds,
    toSeconds: Math.floor(Date.now() / 1000),
    stepSeconds: 2 * SCRAPE_INTERVAL_SECONDS,
    scrapeIntervalSeconds: 2 * SCRAPE_INTERVAL_SECONDS,
  });
  mkdirSync(PICTURES, { recursive: true });
  for (const [name, rows] of Object.entries(ROWS)) {
    const drawn = await draw(dashboard, rows, view);
    takePicture(browser, page(drawn), join(PICTURES, name));
    console.log(join(PICTURES, name));
  }
} finally {
  await watched.close();
}

/** Comes back when the last of the crowd has left, and not before its time is over. */
async function visit(share: number, seed: number, untilSeconds: number): Promise<void> {
  const visitors = Object.fromEntries(
    Object.entries(A_DAY_IN_THE_SHOP).map(([visitor, count]) => [visitor, Math.ceil(count * share)]),
  );
  await runTraffic({ address: watched.address, visitors, seed, clients: Math.ceil(12 * share) });
  await watched.scraped("the end of a crowd's time", `vector(time()) > ${untilSeconds}`);
}

async function draw(dashboard: Dashboard, rows: readonly string[], view: View): Promise<Map<string, Drawing[]>> {
  const drawn = new Map<string, Drawing[]>();
  for (const row of rows) {
    const panels = rowsOf(dashboard).get(row) ?? [];
    drawn.set(
      row,
      await Promise.all(
        panels.map(async (panel) => {
          const targets = (panel.targets ?? []).map((target) => ask(watched.prometheus.url, target, view));
          return drawing(panel, (await Promise.all(targets)).flat(), view);
        }),
      ),
    );
  }
  return drawn;
}
