/** promtool reads what an application with instruments of every kind shows, beside RED and the process's own metrics. */
import { equal, ok } from "node:assert/strict";
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
});
