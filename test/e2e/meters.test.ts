/** promtool reads what an application with instruments of every kind shows, beside RED and the process's own metrics. */
import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type App, REPOSITORY, startApp } from "../support/app.ts";
import { parseExposition, total } from "../support/exposition.ts";
import { folderWithApi } from "../support/folder-with-api.ts";
import { checkMetrics } from "../support/servers/prometheus.ts";

describe("promtool check metrics, the application's own instruments", () => {
  let folder: string;
  let app: App | undefined;
  before(() => {
    folder = folderWithApi(join(REPOSITORY, "test/apps/meters"), "1.10.0");
  });
  after(async () => {
    await app?.stop();
    rmSync(folder, { recursive: true });
  });

  it("of every kind", async () => {
    app = await startApp({ args: [join(folder, "required.cjs")] });
    await (await fetch(app.url)).text();
    await app.scrapeUntil("the visit is counted", ({ samples }) => total(samples, "visits_total") === 1);
    const text = await (await fetch(app.metricsUrl)).text();
    const shown = new Set(
      parseExposition(text)
        .samples.filter(({ labels }) => labels.otel_scope_name === "shop")
        .map(({ name }) => name),
    );
    // counter, up-down counter, histogram, gauge; observable counter, gauge, up-down counter; in a batch
    for (const name of [
      "orders_total",
      "carts",
      "weight_grams_bucket",
      "temperature_celsius",
      "sent_bytes_total",
      "queue_length",
      "balance",
      "heads",
    ])
      ok(shown.has(name), name);
    equal(checkMetrics(text), "");
  });

  it("under names that Prometheus sets itself", async () => {
    await app?.stop();
    const OTEL_RESOURCE_ATTRIBUTES = "namespace=prod,job=x";
    app = await startApp({ args: [join(folder, "taken.cjs")], env: { OTEL_RESOURCE_ATTRIBUTES } });
    const headers = { "X-Prometheus-Scrape-Timeout-Seconds": "0.2" };
    const scrape = async (init?: RequestInit) => (await fetch(app?.metricsUrl ?? "", init)).text();
    const [unhurried, text] = [await scrape(), await scrape({ headers })];
    const { samples } = parseExposition(text);
    const labelsOf = (name: string) => samples.find((sample) => sample.name === name)?.labels ?? {};
    equal(labelsOf("target_info").exported_namespace, "prod");
    equal(labelsOf("target_info").exported_job, "x");
    equal(labelsOf("exported_up").exported_instance, "smtp-1");
    const taken = ["job", "instance", "namespace"].filter((name) => samples.some(({ labels }) => name in labels));
    deepEqual(taken, []);
    ok(!samples.some(({ name }) => name === "up"));
    equal(app.stderr().match(/the instrument up is shown as exported_up on \/metrics/g)?.length, 1);
    match(app.stderr(), /an observable instrument of the application is not exported/);
    const seconds = (page: string) => total(parseExposition(page).samples, "otel_red_scrape_duration_seconds");
    ok(seconds(text) < seconds(unhurried), "the one that hangs is waited for as long as the scraper waits");
    doesNotMatch(text, /^# HELP bare/m);
    // promtool would have each metric described
    equal(checkMetrics(text.replaceAll(/^.*\bbare\b.*\n/gm, "")), "");
  });
});
