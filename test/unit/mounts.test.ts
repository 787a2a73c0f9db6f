/** Where a request is in Express's tree of routers, by the assignments to `req.baseUrl` alone. */
import assert from "node:assert/strict";
import { Mounts } from "../../src/instrumentation/routes/express/mounts.ts";

const TARGET = "/api/in/7/x";

function partsAfter(bases: readonly string[]): string[] {
  const mounts = new Mounts();
  for (const base of bases) mounts.moveTo(base, TARGET);
  return Array.from({ length: mounts.depth }, (_, level) => mounts.part(level));
}

describe("the mounts that a request is in", () => {
  for (const [name, bases, parts] of [
    ["at the top", [""], []],
    ["in a mount", ["", "/api"], ["/api"]],
    ["in a mount whose router starts", ["", "/api", "/api"], ["/api"]],
    ["in a mount in a mount", ["", "/api", "/api", "/api/t/acme"], ["/api", "/t/acme"]],
    ["out of the inner one", ["", "/api", "/api/t/acme", "/api"], ["/api"]],
    ["out of both at once, by an error", ["", "/api", "/api/t/acme", ""], []],
    ["in the next mount", ["", "/api", "", "/apis"], ["/apis"]],
    ["in a mount whose path continues the last one's", ["", "/a", "", "/a/b"], ["/a/b"]],
    ["in another mount of the same router", ["", "/api", "/api/a", "/api", "/api/b"], ["/api", "/b"]],
    ["where the application has put its origin in front", ["", "http://shop", "/api"], ["/api"]],
    ["where a router has started below such an origin", ["", "http://shop", "http://shop/in/7"], ["/in/7"]],
    ["and in a mount", ["", "/api", "http://shop", "http://shop", "http://shop/in/7"], ["/api", "/in/7"]],
    ["and out of it", ["", "/api", "http://shop", "http://shop/in/7", "http://shop"], ["/api"]],
    ["where the application has put another path there", ["", "/api", "/proxy", "/api/in"], ["/api", "/in"]],
    ["… and a router has started below it", ["", "/api", "/proxy", "/proxy", "/proxy/in"], ["/api", "/in"]],
    ["… before any mount", ["", "/proxy", "/api"], ["/api"]],
    ["… which begins as the mount does", ["", "/api", "/api/v1", "/api/in"], ["/api", "/in"]],
    ["… and the request has left the mount", ["", "/api", "/proxy", ""], []],
  ] as const)
    it(name, () => assert.deepEqual(partsAfter(bases), parts));

  it("are told apart by their patterns, and forgotten with the request", () => {
    const mounts = new Mounts();
    assert.equal(mounts.moveTo("/t/acme", TARGET), true);
    mounts.describe("/t/:tenant", { tenant: "acme" }, "app");
    assert.equal(mounts.moveTo("/t/acme", TARGET), false);
    assert.equal(mounts.moveTo("/t/acme/t/acme", TARGET), true);
    assert.deepEqual([mounts.pattern(1), mounts.params(1)], [undefined, {}]);
    mounts.describe("/t/:tenant", null, undefined);
    assert.deepEqual([mounts.pattern(0), mounts.params(0), mounts.app(0)], ["/t/:tenant", { tenant: "acme" }, "app"]);
    assert.deepEqual([mounts.params(1), mounts.hasAround("/t/:tenant"), mounts.hasAround("/t")], [{}, true, false]);

    mounts.moveTo("http://shop", TARGET);
    mounts.clear();
    assert.equal(mounts.moveTo("http://shop", TARGET), false);
    assert.deepEqual([mounts.base, mounts.depth, mounts.pattern(0), mounts.app(0)], ["", 0, undefined, undefined]);
  });

  for (const [name, bases, passedOn] of [
    ["the first", ["", "/api"], [0]],
    ["behind one that took the same", ["", "/api", "", "/api"], [1]],
    ["behind one that took more", ["", "/api/in/7", "", "/api"], [0]],
    ["behind both", ["", "/api", "", "/api/in", "", "/api"], [1]],
    ["in a mount, behind one outside", ["", "/api", "", "/api", "/api/in"], [1, 0]],
    ["in a mount, behind one in it", ["", "/api", "/api/in", "/api", "/api/in"], [0, 1]],
    ["in a mount, behind one in the mount before", ["", "/api", "/api/in", "", "/api", "/api/in"], [1, 0]],
  ] as const)
    it(`tell how many have passed the request on: ${name}`, () => {
      const mounts = new Mounts();
      for (const first of [["", "/api", "", "/api/in", "/api/in/7"], bases]) {
        mounts.clear();
        for (const base of first) mounts.moveTo(base, TARGET);
      }
      assert.deepEqual(
        passedOn.map((_, level) => mounts.passedOnBefore(level)),
        passedOn,
      );
    });
});
