/** promtool reads what a service shows before its first request, after hostile ones, past its budget and under other labels. */
import { equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { type App, INSTRUMENTATIONS, REPOSITORY, startApp } from "../support/app.ts";
import { total } from "../support/exposition.ts";
import { checkMetrics } from "../support/servers/prometheus.ts";

const PLAIN = join(REPOSITORY, "test/apps/loading/http.mjs");

const HOSTILE = [
  "/%zz",
  "/a%00b%0a%22%5c",
  `/${"x".repeat(4000)}`,
  "/%ff%fe/%F0%9F%92%A9",
  "//../..//;jsessionid=1?q=%22",
  "/users/{{7*7}}/'\"--",
];

const EXPOSITIONS: readonly { name: string; env?: NodeJS.ProcessEnv; targets: readonly string[] }[] = [
  { name: "before the first request", targets: [] },
  { name: "after hostile requests", targets: HOSTILE },
  {
    name: "past the budget",
    env: { RED_MAX_LABEL_SETS: "4" },
    targets: ["/a", "/b", "/c", "/d", "/e", "/f"],
  },
  {
    name: "under another label, with other buckets",
    env: { RED_PATH_LABEL: "endpoint", RED_DURATION_BUCKETS: "0.0001,1,2.5", OTEL_SERVICE_NAME: 'a "b"\\c é' },
    targets: ["/a", ...HOSTILE],
  },
];

for (const instrumentation of INSTRUMENTATIONS) {
  describe(`promtool check metrics, RED_HTTP_INSTRUMENTATION=${instrumentation}`, () => {
    let app: App | undefined;
    afterEach(async () => {
      await app?.stop();
      app = undefined;
    });

    for (const { name, env = {}, targets } of EXPOSITIONS)
      it(name, async () => {
        app = await startApp({ args: [PLAIN], env: { ...env, RED_HTTP_INSTRUMENTATION: instrumentation } });
        for (const target of targets) await (await fetch(app.url + target)).arrayBuffer();
        const counted = (samples: Parameters<typeof total>[0]) => total(samples, "http_requests_total");
        const { samples } = await app.scrapeUntil(
          "all are counted",
          ({ samples }) => counted(samples) === targets.length,
        );
        ok(samples.length > 0);
        equal(checkMetrics(await (await fetch(app.metricsUrl)).text()), "");
      });
  });
}
