/** The pattern of a mount as router 2.3 tells it, and when it is not to be believed. */
import assert from "node:assert/strict";
import { Mounts } from "../../src/instrumentation/routes/express/mounts.ts";
import { Router23Mounts } from "../../src/instrumentation/routes/express/router-2-3-mounts.ts";

const DESCRIPTION = "router.tracing.matchedRoute";

/** In the mount `/a/b` of that pattern. */
function mountsIn(pattern: unknown): Mounts {
  const mounts = new Mounts();
  mounts.moveTo("/a/b", "");
  mounts.describe(pattern, {}, undefined);
  return mounts;
}

describe("the pattern that the router tells", () => {
  it("is found under its symbol, whatever else is there", () => {
    const symbol = Symbol(DESCRIPTION);
    const told = new Router23Mounts();
    const mounts = mountsIn(undefined);
    assert.equal(told.onEntering({ [Symbol("other")]: "/other" }, {}, mounts), undefined);
    assert.equal(told.onEntering({ [Symbol("other")]: "/other", [symbol]: "/t/:id" }, {}, mounts), "/t/:id");
    assert.equal(told.onEntering({ [symbol]: "/u/:id" }, {}, mounts), "/u/:id");
    assert.equal(told.onEntering({ [symbol]: undefined }, {}, mounts), undefined);
    assert.equal(told.onEntering({ [symbol]: "/" }, {}, mounts), undefined, "takes nothing");
  });

  it("is not searched for for ever", () => {
    const told = new Router23Mounts();
    const request = { [Symbol(DESCRIPTION)]: "/t/:id" };
    for (let i = 0; i < 100; i++) assert.equal(told.onEntering({}, {}, mountsIn(undefined)), undefined);
    assert.equal(told.onEntering(request, {}, mountsIn(undefined)), undefined);
    assert.equal(told.search(request), true);
    assert.equal(told.onEntering(request, {}, mountsIn(undefined)), "/t/:id");
    assert.equal(told.search(request), false);
  });

  describe("inside a mount of the same pattern, is left over from there unless it fits", () => {
    for (const [pattern, part, params, fits] of [
      ["/t/:id", "/t/acme", { id: "acme" }, true],
      ["/t/:id", "/T/a%20b", { id: "a b" }, true],
      ["/t/:id", "/u/acme", { id: "acme" }, false],
      ["/t/:id", "/t/acme", { tenant: "acme" }, false],
      ["/t/:id", "/t/acme", undefined, false],
      ["/t/:id", "/t/acme/more", { id: "acme" }, false],
      ["/:id/", "/acme", { id: "acme" }, true],
      ["/v:version.:minor", "/v1.2", { version: "1", minor: "2" }, true],
      ["/a.b", "/aXb", {}, false],
      ["/files/*path", "/files/a/b", { path: ["a", "b"] }, true],
      ["/reports{/:id}/all", "/reports/all", {}, true],
      ["/reports{/:id}/all", "/reports/7/all", { id: "7" }, true],
      ["/reports{/:id}/all", "/reports/7", {}, false],
      ['/:"user id"', "/7", { "user id": "7" }, true],
      ["/a\\:b", "/a:b", {}, true],
      ["/été/:où", "/été/là", { où: "là" }, true],
      [/^\/(\w+)-x/, "/a-x", { 0: "a" }, true],
      [/^\/(\w+)-x/, "/a-y", {}, false],
      [7, "/7", {}, false],
    ] as const)
      it(`${pattern} at ${part} with ${JSON.stringify(params)}: ${fits ? "fits" : "does not fit"}`, () => {
        const told = new Router23Mounts();
        const mounts = mountsIn(pattern);
        mounts.moveTo(`/a/b${part}`, "");
        const expected = fits ? pattern : undefined;
        assert.equal(told.onEntering({ [Symbol(DESCRIPTION)]: pattern }, params, mounts), expected);
      });
  });

  it("is, of two copies of the router, the one that fits", () => {
    const told = new Router23Mounts();
    const [first, second] = [Symbol(DESCRIPTION), Symbol(DESCRIPTION)];
    const mounts = mountsIn(undefined);
    mounts.moveTo("/a/b/t/acme", "");
    const request = { [first]: "/lib/:lib", [second]: "/t/:tenant" };
    assert.equal(told.search(request), true);
    assert.equal(told.onEntering(request, { tenant: "acme" }, mounts), "/t/:tenant");
    assert.equal(told.onEntering(request, { other: "acme" }, mounts), undefined);
  });
});
