/**
 * The patterns of mounts, read back from Express's own layers: from the expressions that Express 4 compiles, and by
 * probing from the functions that router 2 keeps.
 */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { decompile } from "../../src/instrumentation/routes/express/express-4-paths.ts";
import type { ExpressLayer } from "../../src/instrumentation/routes/express/layer.ts";
import { mountPatternOf } from "../../src/instrumentation/routes/express/mount-patterns.ts";

type Path = string | RegExp | readonly (string | RegExp)[];
interface Express {
  Router(options?: object): { use(path: Path, handler: () => void): void; readonly stack: readonly ExpressLayer[] };
}
const require = createRequire(import.meta.url);

/** The layer that a version of Express makes of a mount. */
function layerOf(module: string, path: Path, options = {}): ExpressLayer {
  const router = (require(module) as Express).Router(options);
  router.use(path, () => {});
  return router.stack[0] as ExpressLayer;
}

describe("mounts of Express 4, read back", () => {
  // https://expressjs.com/en/4x/api.html#path-examples
  for (const path of [
    "/a",
    "/a.b/c-d_e~f",
    "/caf%C3%A9",
    "/t/:tenant",
    "/:a/b/:b",
    "/v:version",
    "/:from-:to",
    "/:genus.:species",
    "/:file.:ext?",
    "/:name.json",
    "/@:user",
    "/reports/:id?",
    "/reports/:id?/all",
    "/:a/:b?/:c?",
    "/user/:id(\\d+)",
    "/user/:id([0-9a-f]{24})",
    "/:lang(en|de)?/docs",
    "/:path*",
    "/x/:path(*)",
    "/files/*",
    "/*",
    "*",
    "/ab?cd",
    "/ab+cd",
    "/ab*cd",
    "/ab(cd)?e",
    "/(en|de)/:x",
    "/x(y)?/:z",
  ])
    it(path, () => assert.deepEqual(patterns(layerOf("express4", path)), [path]));

  for (const [name, path, expected] of [
    ["a trailing slash", "/t/:tenant/", ["/t/:tenant"]],
    ["a regular expression", /^\/a-(\d+)/u, ["/^\\/a-(\\d+)/u"]],
    ["an array", ["/a", "/b/:x", "/c/:y/:z?"], ["/a", "/b/:x", "/c/:y/:z?"]],
    ["an array with expressions", ["/b/:x", /^\/a-(\d+)/, "/c/:z"], ["/b/:x", "/^\\/a-(\\d+)/", "/c/:z"]],
    ["an array with an expression first", [/\/x|\/y/, "/c/:z"], ["/\\/x|\\/y/", "/c/:z"]],
    ["an array of expressions, as one", [/^\/x/, /^\/y(.*)/], ["/^\\/x|^\\/y(.*)/i"]],
    ["what cannot be written like that, as an expression", "/foo/(.*)", ["/^\\/foo\\/(?:\\.(.*))\\/?(?=\\/|$)/"]],
  ] as const)
    it(name, () => assert.deepEqual(patterns(layerOf("express4", path)), expected));

  it("case-sensitive", () =>
    assert.deepEqual(patterns(layerOf("express4", "/A/:b", { caseSensitive: true })), ["/A/:b"]));

  it("an array of path-to-regexp 0.1.7, in a group", () => {
    const Layer = layerOf("express4", "/a").constructor;
    const regexp = /(?:^\/a\/?(?=\/|$)|^\/b(?:\/([^/]+?))\/?(?=\/|$))/i;
    const layer: ExpressLayer = Object.assign(Object.create(Layer.prototype), { regexp, keys: [{ name: "x" }] });
    assert.deepEqual(patterns(layer), ["/a", "/b/:x"]);
  });

  it("keys that do not fit, as an expression", () => {
    const Layer = layerOf("express4", "/a").constructor;
    const { regexp } = layerOf("express4", "/t/:x");
    const layer: ExpressLayer = Object.assign(Object.create(Layer.prototype), { regexp, keys: [] });
    assert.deepEqual(patterns(layer), [String(new RegExp((regexp as RegExp).source))]);
  });

  function patterns(layer: ExpressLayer): string[] {
    return decompile(layer).map(({ pattern }) => String(pattern));
  }
});

describe("the shape of a mount", () => {
  const labelOf = (layer: ExpressLayer, part: string, params: object) =>
    mountPatternOf(layer).shapeOf(part, params as Record<string, unknown>)?.label;

  for (const module of ["express4", "express50", "express51", "express"])
    describe(module, () => {
      for (const [path, part, params, label] of [
        ["/a", "/a", {}, "/a"],
        ["/t/:tenant/", "/t/acme", { tenant: "acme" }, "/t/:tenant"],
        ["/t/:tenant", "/u/acme", { tenant: "acme" }, undefined],
        ["/t/:tenant", "/t/acme/more", { tenant: "acme" }, undefined],
        ["/t/:tenant", "/t/t", { tenant: "rewritten" }, "/t/:tenant"],
        ["/v:version", "/vv", { version: "v" }, "/v:version"],
        ["/:from-:to", "/b-b", { from: "b", to: "b" }, "/:from-:to"],
        ["/:name.json", "/json.json", { name: "json" }, "/:name.json"],
        ["/:a/b/:b", "/b/b/b", { a: "b", b: "b" }, "/:a/b/:b"],
        [["/a", "/:x"], "/a", { x: undefined }, "/a"],
        [["/a", "/:x"], "/b", { x: "b" }, "/:x"],
      ] as const)
        it(`${path} at ${part} is ${label}`, () => assert.equal(labelOf(layerOf(module, path), part, params), label));
    });

  // router 2.3 tells the path, and needs no parameters for that
  for (const module of ["express4", "express50", "express51"])
    it(`${module}: is not that of a mount with other parameters`, () => {
      assert.equal(labelOf(layerOf(module, "/t/:tenant"), "/t/acme", { id: "acme" }), undefined);
    });

  for (const module of ["express50", "express51"])
    describe(`${module}: probed`, () => {
      for (const [path, part, params, label] of [
        ["/reports{/:id}/all", "/reports/all", {}, "/reports/all"],
        ["/reports{/:id}/all", "/reports/7/all", { id: "7" }, "/reports/:id/all"],
        ["/files/*path", "/files/files/a/b", { path: [] }, "/files/*path"],
        ["/copy/*from/to/*to", "/copy/a/b/to/c/d", { from: [], to: [] }, "/copy/*from/to/*to"],
        ["/f-*path", "/f-a/b", { path: [] }, "/f-*path"],
        ["/:a", `/${"x".repeat(100)}`, { a: "x" }, "/:a"],
        [/^\/shop-(\d+)/, "/shop-12345", { 0: "12345" }, "/shop-:id"],
      ] as const)
        it(`${path} at ${part.slice(0, 20)} is ${label}`, () =>
          assert.equal(labelOf(layerOf(module, path), part, params), label));

      it("once for each shape, not for each value", () => {
        const pattern = mountPatternOf(layerOf(module, "/v:version/:x"));
        const shape = pattern.shapeOf("/v1/a", { version: "1", x: "a" });
        assert.equal(pattern.shapeOf("/V2/b%20c", { version: "2", x: "b c" }), shape);
      });

      it("a path of an array as Express tries them, whichever was met first", () => {
        const pattern = mountPatternOf(layerOf(module, ["/a", "/:x"]));
        assert.equal(pattern.shapeOf("/b", { x: "b" })?.label, "/:x");
        assert.equal(pattern.shapeOf("/a", { x: "merged" })?.label, "/a");
      });
    });

  describe("told by the layer of router 2.3", () => {
    for (const [path, part, label] of [
      ["/reports{/:id}/all/", "/reports/7/all", "/reports{/:id}/all"],
      [/^\/shop-(\d+)/u, "/shop-12345", "/^\\/shop-(\\d+)/u"],
      [["/a", ["/b/:x"]], "/b/c", "/b/:x"],
    ] as const)
      it(`${path}`, () => assert.equal(labelOf(layerOf("express", path as Path), part, {}), label));
  });

  it("is bounded where it is too long to be probed", () => {
    const layer = layerOf("express50", "/v:version");
    const pattern = mountPatternOf(layer);
    assert.equal(pattern.shapeOf(`/v${"1".repeat(100)}`, { version: "1" })?.label, "/:id");
    assert.equal(pattern.shapeOf("/v1", { version: "1" })?.label, "/v:version");
  });

  it("is unknown where the layer is none that we know", () => {
    assert.equal(labelOf({}, "/t/acme", { tenant: "acme" }), undefined);
  });
});
