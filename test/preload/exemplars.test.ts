/** Exemplars: from a bucket to the trace of the request that fell into it last. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type App, INSTRUMENTATIONS, REPOSITORY, startApp } from "../support/app.ts";
import { type Exemplar, parseOpenMetrics } from "../support/openmetrics.ts";
import { until } from "../support/until.ts";

const DEADLINE_MS = 30_000;
const SCRIPT = join(REPOSITORY, "test/apps/exemplars/app.cjs");

async function exemplars(app: App): Promise<Exemplar[]> {
  const response = await fetch(app.metricsUrl, { headers: { accept: "application/openmetrics-text" } });
  return parseOpenMetrics(await response.text()).exemplars;
}

describe("exemplars", () => {
  let app: App;
  afterEach(() => app.stop());

  const started = async (env: NodeJS.ProcessEnv) => {
    app = await startApp({ args: [SCRIPT], env });
    for (const path of ["/plain", "/unsampled", "/traced"]) {
      await (await fetch(app.url + path)).text();
      await app.scrapeUntil(`${path} is counted`, ({ samples }) =>
        samples.some(({ name, labels }) => name === "http_requests_total" && labels.path === path),
      );
    }
    return exemplars(app);
  };

  for (const RED_HTTP_INSTRUMENTATION of INSTRUMENTATIONS) {
    it(`name the sampled span that a request was answered in (${RED_HTTP_INSTRUMENTATION})`, async () => {
      const [exemplar, ...others] = await started({ RED_HTTP_INSTRUMENTATION });
      assert.deepEqual(others, []);
      assert.equal(exemplar?.of.labels.path, "/traced");
      assert.match(exemplar.labels.trace_id ?? "", /^a{31}\d$/);
      assert.match(exemplar.labels.span_id ?? "", /^b{15}\d$/);
      assert.ok(Math.abs((exemplar.atSeconds ?? 0) * 1000 - Date.now()) < 60_000);
    });
  }

  it("are the latest of their bucket", async () => {
    await started({ RED_DURATION_BUCKETS: "30" });
    const traceId = await (await fetch(`${app.url}/traced`)).text();
    await until("the second one is there", DEADLINE_MS, async () =>
      (await exemplars(app)).some(({ labels }) => labels.trace_id === traceId) ? true : undefined,
    );
    assert.equal((await exemplars(app)).length, 1);
  });

  it("are those of all spans with OTEL_METRICS_EXEMPLAR_FILTER=always_on", async () => {
    const found = await started({ OTEL_METRICS_EXEMPLAR_FILTER: "always_on" });
    assert.deepEqual(found.map(({ of }) => of.labels.path).sort(), ["/traced", "/unsampled"]);
  });

  it("are none with OTEL_METRICS_EXEMPLAR_FILTER=always_off", async () => {
    assert.deepEqual(await started({ OTEL_METRICS_EXEMPLAR_FILTER: "always_off" }), []);
  });

  it("are not in the text format, which has none", async () => {
    await started({});
    assert.doesNotMatch(await (await fetch(app.metricsUrl)).text(), /trace_id/);
  });
});
