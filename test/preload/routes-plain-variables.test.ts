/**
 * What the `RED_*` variables make of the paths, labels and buckets of a plain server.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type App, INSTRUMENTATIONS, startApp } from "../support/app.ts";
import { type Sample, series, total } from "../support/exposition.ts";

const APP = fileURLToPath(new URL("../apps/routes-plain/app.cjs", import.meta.url));
const LAST = "/afterwards";

/** Starts the servers with these variables, asks for the paths one after the other, and hands over what was counted. */
async function asked(
  env: NodeJS.ProcessEnv,
  paths: readonly string[],
  check: (samples: readonly Sample[], app: App) => void,
): Promise<void> {
  const app = await startApp({ args: [APP], env });
  try {
    for (const path of [...paths, LAST]) await (await fetch(app.url + path)).text();
    const { samples } = await app.scrapeUntil("the last one is counted", ({ samples }) =>
      samples.some(({ name, labels }) => name === "http_requests_total" && Object.values(labels).includes(LAST)),
    );
    check(samples, app);
  } finally {
    await app.stop();
  }
}

/** `<status_code> <path>` and how many, but for the request that comes last. */
function countedPaths(samples: readonly Sample[], pathLabel = "path"): Record<string, number> {
  const counted = series(samples, "http_requests_total").filter(({ labels }) => labels[pathLabel] !== LAST);
  return Object.fromEntries(counted.map(({ labels, value }) => [`${labels.status_code} ${labels[pathLabel]}`, value]));
}

function excluded(samples: readonly Sample[]): number {
  return total(samples, "otel_red_requests_excluded_total");
}

for (const RED_HTTP_INSTRUMENTATION of INSTRUMENTATIONS) {
  describe(`variables, ${RED_HTTP_INSTRUMENTATION}`, () => {
    it("RED_PATH_PATTERNS: names in place of words", () => {
      const RED_PATH_PATTERNS = "^/shops/[^/]+=>/shops/:shop; /tags/.*$=>/tags/*";
      const paths = ["/shops/bakers", "/shops/brewers/42", "/items/42/tags/red/green", "/users/42?status=404"];
      return asked({ RED_HTTP_INSTRUMENTATION, RED_PATH_PATTERNS }, paths, (samples) => {
        assert.deepEqual(countedPaths(samples), {
          "200 /shops/:shop": 1,
          "200 /shops/:shop/:id": 1,
          "200 /items/:id/tags/*": 1,
          "404 /users/:id": 1,
        });
      });
    });

    it("RED_PATH_PATTERNS: one that a client could use to block the event loop is left out", () => {
      const slow = "^/blog/([a-z0-9]+-?)+$";
      const RED_PATH_PATTERNS = `${slow}=>/blog/:slug; ^/shops/[^/]+=>/shops/:shop`;
      const paths = [`/blog/${"a".repeat(34)}!`, "/shops/bakers"];
      return asked({ RED_HTTP_INSTRUMENTATION, RED_PATH_PATTERNS }, paths, (samples, app) => {
        assert.deepEqual(countedPaths(samples), { [`200 ${paths[0]}`]: 1, "200 /shops/:shop": 1 });
        const warnings = app.stderr().match(/^otel-red: RED_PATH_PATTERNS: the pattern ".*" is left out: /gm);
        assert.deepEqual(warnings, [`otel-red: RED_PATH_PATTERNS: the pattern "${slow}" is left out: `]);
      });
    });

    it("RED_EXCLUDE_PATHS: stars upon stars take no time", () => {
      const RED_EXCLUDE_PATHS = "/**/a/**/a/**/a/**/b";
      return asked({ RED_HTTP_INSTRUMENTATION, RED_EXCLUDE_PATHS }, ["/a".repeat(7500), "/a/a/a/a/b"], (samples) => {
        assert.equal(total(samples, "http_requests_total"), 2);
        assert.equal(excluded(samples), 1);
      });
    });

    it("RED_EXCLUDE_PATHS: unset, what asks whether the service lives", () => {
      const paths = ["/health?full=1", "/healthz", "/metrics", "/favicon.ico", "/health/db", "/api/health"];
      return asked({ RED_HTTP_INSTRUMENTATION }, paths, (samples) => {
        assert.deepEqual(countedPaths(samples), { "200 /health/db": 1, "200 /api/health": 1 });
        assert.equal(excluded(samples), 4);
      });
    });

    it("RED_EXCLUDE_PATHS: globs in place of the default", () => {
      const RED_EXCLUDE_PATHS = "/internal/**,/*.{png,ico}";
      const paths = ["/internal/a/b?c=d", "/internal/.env", "/a.png", "/a/b.png", "/internals", "/health"];
      return asked({ RED_HTTP_INSTRUMENTATION, RED_EXCLUDE_PATHS }, paths, (samples) => {
        assert.deepEqual(countedPaths(samples), { "200 /a/b.png": 1, "200 /internals": 1, "200 /health": 1 });
        assert.equal(excluded(samples), 3);
      });
    });

    it("RED_EXCLUDE_PATHS: globs on top of the default", () => {
      const RED_EXCLUDE_PATHS = "+/internal/*,/**/probe";
      const paths = ["/internal/a", "/internal/a/b", "/a/b/probe", "/health", "/users/42"];
      return asked({ RED_HTTP_INSTRUMENTATION, RED_EXCLUDE_PATHS }, paths, (samples) => {
        assert.deepEqual(countedPaths(samples), { "200 /internal/a/b": 1, "200 /users/:id": 1 });
        assert.equal(excluded(samples), 3);
      });
    });

    it("RED_PATH_LABEL: another name for the label", () => {
      return asked({ RED_HTTP_INSTRUMENTATION, RED_PATH_LABEL: "endpoint" }, ["/users/42"], (samples) => {
        assert.deepEqual(countedPaths(samples, "endpoint"), { "200 /users/:id": 1 });
        assert.equal(series(samples, "http_requests_active", { endpoint: "/users/:id" }).length, 1);
        const named = samples.filter(({ labels }) => "path" in labels);
        assert.deepEqual(named, []);
      });
    });

    it("RED_DURATION_BUCKETS: other bounds", () => {
      return asked({ RED_HTTP_INSTRUMENTATION, RED_DURATION_BUCKETS: "0.1, 1,30" }, ["/users/42"], (samples) => {
        const buckets = series(samples, "http_request_duration_seconds_bucket", { path: "/users/:id" });
        const bounds = buckets.map(({ labels }) => labels.le);
        assert.deepEqual(bounds, ["0.1", "1", "30", "+Inf"]);
      });
    });

    it("RED_MAX_LABEL_SETS: what comes later is shown as other, which is said once", () => {
      const animals = ["ant", "bee", "cat", "dog", "eel", "fox", "gnu", "hen", "ibex", "jay"];
      const paths = animals.flatMap((animal) => [`/${animal}`, `/${animal}?status=404`]);
      // half of the budget is for raw paths: one label set for the request that comes last, four for the others
      return asked({ RED_HTTP_INSTRUMENTATION, RED_MAX_LABEL_SETS: "10" }, [LAST, ...paths], (samples, app) => {
        assert.deepEqual(countedPaths(samples), {
          "200 /ant": 1,
          "404 /ant": 1,
          "200 /bee": 1,
          "404 /bee": 1,
          "200 other": 8,
          "404 other": 8,
        });
        assert.equal(total(samples, "otel_red_overflow_total"), 16);
        assert.equal(app.stderr().match(/RED_MAX_LABEL_SETS=10/g)?.length, 1);
      });
    });
  });
}
