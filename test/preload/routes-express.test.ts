/**
 * The routes of Express 4 and 5 as they appear in the `path` label: the table is in test/apps/routes, each row with a
 * link to the documentation that says so.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { fileURLToPath } from "node:url";
import { type Row, VERSIONS, type Version } from "../apps/routes/express-shape.ts";
import { shapesOn } from "../apps/routes/express-shapes.ts";
import { INSTRUMENTATIONS, startApp } from "../support/app.ts";
import { type Exposition, series, total } from "../support/exposition.ts";
import { sharedApp } from "../support/shared-app.ts";

const COMMON_JS = ["CommonJS", "express-cjs.cjs"] as const;
const ES_MODULES = ["ES modules", "express-esm.mjs"] as const;
const LOADED_AS = {
  "4.22": [COMMON_JS, ES_MODULES],
  "5.0": [COMMON_JS],
  "5.1": [ES_MODULES],
  "5.3": [COMMON_JS, ES_MODULES],
} as const satisfies Record<Version, unknown>;

/** `GET 200 /users/:id` and how many, for all that was counted. */
function counts(exposition: Exposition): Map<string, number> {
  return new Map(
    series(exposition.samples, "http_requests_total").map(({ labels, value }) => [
      `${labels.method} ${labels.status_code} ${labels.path}`,
      value,
    ]),
  );
}

/** What was counted in between: `["GET 200 /users/:id"]`, each as often as it was. */
function countedSince(before: Exposition, after: Exposition): string[] {
  const known = counts(before);
  return [...counts(after)].flatMap(([labels, value]) =>
    new Array<string>(value - (known.get(labels) ?? 0)).fill(labels),
  );
}

function requestsIn(exposition: Exposition): number {
  return total(exposition.samples, "http_requests_total");
}

for (const version of Object.keys(VERSIONS) as Version[])
  for (const [moduleSystem, script] of LOADED_AS[version])
    for (const instrumentation of INSTRUMENTATIONS)
      describe(`routes of Express ${version}, ${moduleSystem}, ${instrumentation}`, () => {
        let counted: Exposition;
        const agent = new Agent({ keepAlive: true });

        const app = sharedApp({
          async start() {
            const started = await startApp({
              args: [
                "--disable-warning=ExperimentalWarning",
                fileURLToPath(new URL(`../apps/routes/${script}`, import.meta.url)),
                version,
              ],
              env: { NODE_ENV: "test", RED_HTTP_INSTRUMENTATION: instrumentation, RED_DURATION_BUCKETS: "1" },
            });
            counted = await started.scrape();
            return started;
          },
        });
        after(() => {
          agent.destroy();
          assert.equal(
            app()
              .stderr()
              .replace(/^otel-red: metrics are served on .*\n/, ""),
            "",
          );
        });

        async function ask(shape: number, [asked]: Row): Promise<void> {
          const [method, path] = asked.split(" ");
          const asking = request({ port: app().port, agent, method, path, headers: { shape } }).end();
          const [response] = (await once(asking, "response")) as [IncomingMessage];
          await once(response.resume(), "end");
        }

        for (const [shape, { name, docs, rows, concurrently }] of shapesOn(version).entries())
          it(`${name} (${docs})`, async () => {
            const before = counted;
            if (concurrently) await Promise.all(rows.map((row) => ask(shape, row)));
            else for (const row of rows) await ask(shape, row);

            const expectedRequests = requestsIn(before) + rows.length;
            counted = await app().scrapeUntil("all are counted", (now) => requestsIn(now) >= expectedRequests);
            const expected = rows.map(([asked, labels]) => `${asked.split(" ")[0]} ${labels}`);
            assert.deepEqual(countedSince(before, counted).sort(), expected.sort());
          });
      });
