/** Which requests are left out, by the target as received. */
import assert from "node:assert/strict";
import fc from "fast-check";
import picomatch from "picomatch";
import { readConfig } from "../../src/config/read-config.ts";
import { ExcludedPaths } from "../../src/instrumentation/http/excluded-paths.ts";

const DEFAULT = readConfig({}, "").excludePaths;

interface Row {
  readonly globs: readonly string[];
  readonly excluded: readonly string[];
  readonly measured: readonly string[];
}

const ROWS: Readonly<Record<string, Row>> = {
  "the default": {
    globs: DEFAULT,
    excluded: [
      "/metrics",
      "/health",
      "/healthz",
      "/livez",
      "/readyz",
      "/docs",
      "/redoc",
      "/openapi.json",
      "/favicon.ico",
    ],
    measured: ["/", "", "/metrics/", "/metrics/x", "/healthy", "/Health", "/api/health", "/%68ealth", "//health"],
  },
  "the query is none of the path": {
    globs: ["/health"],
    excluded: ["/health?", "/health?full=1", "/health?a?b", "/health?/x"],
    measured: ["/x?/health", "?/health", "/health%3Ffull=1"],
  },
  "the absolute form, as a proxy sends it": {
    globs: ["/health", "/"],
    excluded: ["http://shop/health", "https://shop:8443/health?x", "HTTP://shop", "http://shop?x"],
    measured: ["http://shop/other", "http://shop/x/health", "//shop/health", "shop/health", "*", "shop:443"],
  },
  "one star stays within a segment, two do not": {
    globs: ["/static/*", "/internal/**"],
    excluded: ["/static/a.js", "/static/.hidden", "/internal/a", "/internal/a/b", "/internal"],
    measured: ["/static", "/static/a/b", "/staticx", "/internals"],
  },
  braces: {
    globs: ["/api/{health,ready}", "/v[12]/ping"],
    excluded: ["/api/health", "/api/ready", "/v1/ping", "/v2/ping?x"],
    measured: ["/api/", "/api/healthready", "/v3/ping"],
  },
  "a name with a dot is no pattern": {
    globs: ["/openapi.json"],
    excluded: ["/openapi.json"],
    measured: ["/openapiXjson"],
  },
  everything: { globs: ["**"], excluded: ["/", "/a", "/a/b?c", "/.well-known/x"], measured: [] },
};

describe("ExcludedPaths", () => {
  for (const [what, { globs, excluded, measured }] of Object.entries(ROWS)) {
    it(what, () => {
      const paths = new ExcludedPaths(globs);
      assert.deepEqual(
        excluded.filter((target) => !paths.has(target)),
        [],
        "not excluded",
      );
      assert.deepEqual(
        measured.filter((target) => paths.has(target)),
        [],
        "excluded",
      );
    });
  }

  it("takes for a name without picomatch only what picomatch does", () => {
    const name = fc.string({ unit: fc.constantFrom(...`abcxyzAZ0189_./-`), minLength: 1, maxLength: 20 });
    fc.assert(fc.property(name, (glob) => !picomatch.scan(glob).isGlob && new ExcludedPaths([glob]).has(glob)));
  });

  it("never throws, whatever a client sends", () => {
    const paths = new ExcludedPaths([...DEFAULT, "/a/{b,c}/**", "/+(x|y)", "**/*.png"]);
    fc.assert(
      fc.property(
        fc.string({ unit: "binary-ascii", maxLength: 300 }),
        (target) => typeof paths.has(target) === "boolean",
      ),
    );
  });
});
