/** Which requests are left out, by the target as received. */
import assert from "node:assert/strict";
import fc from "fast-check";
import picomatch from "picomatch";
import { Globs } from "../../src/config/globs.ts";
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
  "stars in front of braces": {
    globs: ["/assets/**{.js,.css}"],
    excluded: ["/assets/a.js", "/assets/a/b.css", "/assets/.js"],
    measured: ["/assets/a.png", "/assets/a.js/b", "/assets/../a.js"],
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

  it("matches as picomatch does", () => {
    const text = fc.constantFrom(
      "a",
      "b",
      "ab",
      ".",
      "a.b",
      ".a",
      "-",
      "+",
      "@",
      "!",
      "é",
      "^",
      "$",
      "1",
      "\\*",
      "\\.",
    );
    const classes = fc.constantFrom("[ab]", "[^a]", "[a-b]", "[^a-b1]", "[ab]+", "[0-9]+", "[[:digit:]]", "[.]");
    const braces = fc.constantFrom("{a,b}", "{a,*}", "{a/b,?}", "{a,{b,ab}}", "{,a}", "{a}", "{*,b}");
    const groups = fc.constantFrom("@(a|b)", "+(a|b)", "*(a|b)", "?(a)", "(a|b)", "(a|b)+", "(a|b*)", "+(a|[b1])");
    const part = fc.oneof(text, text, fc.constantFrom("*", "?"), classes, braces, groups);
    const parts = fc.array(part, { minLength: 1, maxLength: 3 }).map((each) => each.join(""));
    const segment = fc.oneof(parts, parts, fc.constantFrom("**", "..", "{1..3}", "{b..a}", "!(a|b*)"));
    const globs = fc
      .tuple(
        fc.constantFrom("/", "/", "**/", "*/"),
        fc.array(segment, { minLength: 1, maxLength: 4 }),
        fc.constantFrom("", "", "/"),
      )
      .map(([start, segments, end]) => start + segments.join("/") + end)
      // what picomatch itself takes for two things
      .filter((glob) => !/\*\*[({]|\)\*\*|[?*+]\([^)]*\)[+]/.test(glob));
    const name = fc.constantFrom(..."a b ab a.b .a . .. aa 1 b1 - + a+ ** * {a} [ab] é a. ^$".split(" "), "");
    const path = fc.array(name, { maxLength: 5 }).map((names) => `/${names.join("/")}`);
    fc.assert(
      fc.property(globs, fc.array(path, { minLength: 10, maxLength: 10 }), (glob, paths) => {
        const isMatch = picomatch(glob, { dot: true, windows: false, fastpaths: false });
        const excluded = new ExcludedPaths([glob]);
        for (const path of paths) assert.equal(excluded.has(path), isMatch(path), `${glob} and ${path}`);
      }),
      { numRuns: 1000 },
    );
  });

  it("matches several globs as each of them", () => {
    const globs = ["/a/*", "/{b,c}/**", "**/*.png", "/v[0-9]+/ping", "/!(x)"];
    const name = fc.constantFrom("a", "b", "c", "x", "x.png", "v12", "ping", "");
    const path = fc.array(name, { maxLength: 4 }).map((names) => `/${names.join("/")}`);
    const all = new ExcludedPaths(globs);
    const each = globs.map((glob) => new ExcludedPaths([glob]));
    fc.assert(
      fc.property(path, (path) => {
        assert.equal(
          all.has(path),
          each.some((one) => one.has(path)),
        );
      }),
    );
  });

  for (const glob of [
    "/**/a/**/a/**/a/**/b",
    "/+(+(a|aa)|+(/)|+(a/))b",
    "**/*a*a*a*a*a*a*b",
    "/!(*a*a*a*a*b)",
    "/{a*,*a}{a*,*a}/**b",
  ])
    it(`takes one step a character, whatever the path: ${glob}`, () => {
      const globs = new Globs([glob]);
      for (const path of ["/a".repeat(7500), `/${"a".repeat(15_000)}`, `/${"a/aa".repeat(4000)}`]) {
        for (const end of ["", "b", "!", "/b"]) new ExcludedPaths([glob]).has(path + end);
        globs.match(path);
        const before = globs.size;
        globs.match(path + path);
        // nothing is made anew for what has been seen, and what there is does not grow with the path
        assert.ok(globs.size - before < 10, `${globs.size - before} more`);
        assert.ok(globs.size < 500, `${globs.size}`);
      }
    });

  it("keeps what many globs need", () => {
    const globs = new Globs(Array.from({ length: 1000 }, (_, i) => `/section-${i}/*/page?`));
    const paths = Array.from({ length: 100 }, (_, i) => `/section-${i}/x/page1`);
    const parsed = globs.size;
    for (const path of paths) assert.ok(globs.match(path), path);
    const before = globs.size;
    assert.ok(before > parsed);
    for (const path of paths) assert.ok(globs.match(path), path);
    assert.equal(globs.size, before);
  });

  it("remembers no more for a client that looks for paths which differ", () => {
    const globs = new Globs([`/*a${"?".repeat(20)}/x`]);
    const path = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 100, maxLength: 100 });
    let most = 0;
    fc.assert(
      fc.property(path, (path) => {
        assert.equal(globs.match(`/${path}/x`), path.at(-21) === "a");
        most = Math.max(most, globs.size);
      }),
      { numRuns: 300 },
    );
    assert.ok(most > 1000 && most < 10_000, `${most}`);
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
