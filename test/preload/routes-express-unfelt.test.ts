/**
 * The accessors that see Express's routes are not felt: an application sees of `req.route` and `req.baseUrl` what it
 * sees without the preload, but for what docs/limits.md lists.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { PROBES } from "../apps/routes/unfelt-probes.ts";
import { type App, INSTRUMENTATIONS, startApp } from "../support/app.ts";
import { type Exposition, series } from "../support/exposition.ts";
import { until } from "../support/until.ts";

const DEADLINE_MS = 30_000;
const args = [
  "--disable-warning=ExperimentalWarning",
  fileURLToPath(new URL("../apps/routes/unfelt.ts", import.meta.url)),
];

type Seen = Readonly<Record<string, unknown>>;

/** Runs all probes, each once. */
async function probe(app: App): Promise<Seen> {
  const ports = JSON.parse(/\{.*\}/.exec(app.stdout())?.[0] ?? "") as Record<string, number>;
  for (const { target, requestClass } of PROBES) {
    const port = ports[requestClass?.name ?? "IncomingMessage"];
    await (await fetch(`http://127.0.0.1:${port}${target}`)).text();
  }
  return until("all probes have seen", DEADLINE_MS, async () => {
    const seen = (await (await fetch(`${app.url}/seen`)).json()) as Seen;
    return Object.keys(seen).length === PROBES.length ? seen : undefined;
  });
}

describe("the accessors of Express's routes", () => {
  let without: Seen;

  before(async () => {
    const app = await startApp({ args, flags: [], expectsMetrics: false });
    without = await probe(app);
    await app.stop();
  });

  for (const instrumentation of INSTRUMENTATIONS)
    describe(instrumentation, () => {
      let app: App;
      let seen: Seen;
      let exposition: Exposition;

      before(async () => {
        app = await startApp({ args, env: { RED_HTTP_INSTRUMENTATION: instrumentation } });
        seen = await probe(app);
        exposition = await app.scrape();
      });
      after(() => app.stop());

      for (const { name, path, seenWith } of PROBES) {
        it(`${seenWith === undefined ? "do not change" : "change"}: ${name}`, () => {
          assert.deepEqual(seen[name], seenWith ?? without[name]);
          if (seenWith !== undefined)
            assert.notDeepEqual(without[name], seenWith, "not worth a line in docs/limits.md");
        });

        it(`let it be counted as ${path}: ${name}`, () => {
          const counted = series(exposition.samples, "http_requests_total", { path, status_code: "200" });
          assert.deepEqual(
            counted.map(({ value }) => value),
            [1],
          );
        });
      }

      it("say nothing", () => {
        assert.equal(app.stderr().replace(/^otel-red: metrics are served on .*\n/, ""), "");
      });
    });

  describe("after a restart", () => {
    let app: App;
    before(async () => {
      const script = fileURLToPath(new URL("../apps/routes/restarted.cjs", import.meta.url));
      app = await startApp({ args: [script], flags: [] });
    });
    after(() => app.stop());

    it("see routes again", async () => {
      await (await fetch(`${app.url}/people/ada`)).text();
      const { samples } = await app.scrape();
      assert.deepEqual(
        series(samples, "http_requests_total").map(({ labels, value }) => [labels.path, value]),
        [["/people/:name", 1]],
      );
    });
  });
});
