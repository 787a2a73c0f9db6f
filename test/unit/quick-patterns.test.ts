/** Which of RED_PATH_PATTERNS are used: those for which no path takes cubic time or more. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { excessiveTime } from "../../src/config/check-pattern.ts";
import { quickPatterns } from "../../src/config/quick-patterns.ts";
import { takesQuadraticTimeAtMost } from "../../src/config/quick-shape.ts";

const LONG_MS = 30_000;

/** With what the message says of the time. */
const LEFT_OUT: readonly (readonly [source: string, time: RegExp])[] = [
  ["^/blog/([a-z0-9]+-?)+$", /exponential time/],
  ["^/(a|a)*b$", /exponential time/],
  ["^/x/(\\w+\\s?)*$", /exponential time/],
  ["^/(?:[^/]+/?)*x$", /exponential time/],
  ["^/(?:\\d{4}-\\d{2}|[a-z-]+)+/x$", /exponential time/],
  ["^/(a{1,100}){1,100}b$", /exponential time/],
  ["^/(.*)+x$", /exponential time/],
  ["^/(?i:a+)+$", /exponential time/],
  ["^/(.+)/(.+)/(.+)$", /the power of 3/],
  ["^.*-.*-.*$", /the power of 3/],
  ["[^/]+-[^/]+$", /the power of 3/],
  ["^/a+b*a+b*a+c", /the power of 3/],
  ["^/(.*-){3}x", /the power of 3/],
  ["(.*)(.*)(.*)(.*)x", /the power of 5/],
];

const TOLD_BY_SHAPE = [
  "^/blog/[^/]+",
  "^/shops/[^/]+/items/[^/]+/reviews/\\d+$",
  "/tags/.*$",
  "\\d+$",
  "^/.*/.*$",
  "(\\d+)/(\\d+)$",
  "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
  "^/p/(?<slug>[^/]+)-(?<n>\\d+)$",
  "^/(?!api/).*$",
  "(?<=/users/)[^/]+",
  "^\\/(?:en|de)?\\/?(.*)$",
  "^/\\p{L}+$",
  "^/(\\w{1,20})(\\w{1,20})(\\w{1,20})$",
  "/[^/]*\\.(?:js|css|png|jpe?g)$",
  "^/users/\\d+(/.*)?$",
  "^/blog(/[^/]+)*$",
  "^/v\\d+(\\.\\d+)*/",
  "^/([a-z0-9]+(?:-[a-z0-9]+)*)$",
];

const TOLD_BY_CHECKER = [
  "^/(?:[a-z]+-)+\\d+$",
  "^/(?:[^/]+/)*[^/]+\\.(?:js|css)$",
  "^(.*?)/(\\d+)(/.*)?$",
  "^/[a-z]+(-[a-z]+)*(-\\d+)?$",
  "^/([^/]+)/\\1$",
];

function used(sources: readonly string[]) {
  const said: string[] = [];
  const patterns = sources.map((source) => ({ pattern: new RegExp(source, "u"), replacement: "/:x" }));
  const quick = quickPatterns(
    patterns,
    () => 0.5,
    (why) => said.push(why),
  );
  return { sources: quick.map(({ pattern }) => pattern.source), said };
}

describe("RED_PATH_PATTERNS", function () {
  this.timeout(60_000);

  for (const [source, time] of LEFT_OUT)
    it(`leaves out ${source}`, () => {
      assert.equal(takesQuadraticTimeAtMost(source), false);
      assert.match(excessiveTime(source, LONG_MS) ?? "it is quick", time);
    });

  it("takes what its shape shows to be quick", () => {
    assert.deepEqual(
      TOLD_BY_SHAPE.filter((source) => !takesQuadraticTimeAtMost(source)),
      [],
    );
  });

  for (const source of TOLD_BY_CHECKER)
    it(`takes ${source}`, () => {
      assert.equal(takesQuadraticTimeAtMost(source), false);
      assert.equal(excessiveTime(source, LONG_MS), undefined);
    });

  it("uses the others, in their order, and names the one that it leaves out, and the remedy", () => {
    const { sources, said } = used(["^/a/[^/]+", "^/blog/([a-z0-9]+-?)+$", "^/b([^/]+/)*$"]);
    assert.deepEqual(
      sources,
      ["^/a/[^/]+", "^/b([^/]+/)*$"].map((source) => new RegExp(source, "u").source),
    );
    assert.equal(said.length, 1);
    assert.match(
      said[0] as string,
      /^RED_PATH_PATTERNS: the pattern "\^\/blog\/\(\[a-z0-9\]\+-\?\)\+\$" is left out: a path can make it take exponential time\. Repeat nothing/,
    );
  });

  it("never takes by its shape what the checker finds excessive", () => {
    const atom = fc.constantFrom("a", "b", "[ab]", "[^/]", ".", "\\w", "\\d", "/", "-");
    const quantifier = fc.constantFrom("", "", "*", "+", "?", "{2}", "{1,}", "*?");
    const repeated = fc.tuple(atom, quantifier).map((parts) => parts.join(""));
    const sequence = fc.array(repeated, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(""));
    const group = fc
      .tuple(
        fc.constantFrom("(", "(?:", "(/", "(?:-"),
        fc.array(sequence, { minLength: 1, maxLength: 2 }),
        fc.constantFrom("", "?", "*", "+", "{2}"),
      )
      .map(([open, alternatives, end]) => `${open}${alternatives.join("|")})${end}`);
    const source = fc
      .tuple(
        fc.constantFrom("^", "^/", ""),
        fc.array(fc.oneof(sequence, group), { minLength: 1, maxLength: 3 }),
        fc.constantFrom("$", "", "x"),
      )
      .map(([start, parts, end]) => start + parts.join("") + end);
    fc.assert(
      fc.property(source.filter(takesQuadraticTimeAtMost), (source) => {
        assert.equal(excessiveTime(source, LONG_MS), undefined, source);
      }),
      { numRuns: 60 },
    );
  });
});
