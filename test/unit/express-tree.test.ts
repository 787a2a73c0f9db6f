/** The ways through a tree of routers, and the mounts in it. */
import assert from "node:assert/strict";
import type { ExpressLayer } from "../../src/instrumentation/routes/express/layer.ts";
import { mountsIn, waysTo } from "../../src/instrumentation/routes/express/tree.ts";

const route = {};
const routeLayer: ExpressLayer = { route };
const mount = (name: string, ...stack: ExpressLayer[]) => ({ name, handle: { stack } });
const atRoot = (...stack: ExpressLayer[]): ExpressLayer => ({ slash: true, handle: { stack } });

function namesOf(stack: readonly ExpressLayer[], depth: number): string[] {
  const ways = waysTo({ router: { stack } }, depth, route);
  return ways.map((way) => way.map((layer) => (layer as { name?: string }).name).join("/"));
}

describe("the ways to a route", () => {
  const shared = [routeLayer];
  const stack = [
    mount("a", mount("b", ...shared)),
    mount("c", ...shared),
    atRoot(mount("d", atRoot(...shared))),
    ...shared,
  ];
  for (const [depth, ways] of [
    [0, [""]],
    [1, ["c", "d"]],
    [2, ["a/b"]],
    [3, []],
  ] as const)
    it(`through ${depth} mounts, in order`, () => assert.deepEqual(namesOf(stack, depth), ways));

  it("of Express 4", () => {
    const app = {
      _router: {
        stack: [{ regexp: Object.assign(/^/, { fast_slash: true }), handle: { stack: [mount("a", routeLayer)] } }],
      },
      get router(): never {
        throw new Error("'app.router' is deprecated!");
      },
    };
    assert.equal(waysTo(app, 1, route).length, 1);
  });

  it("end where routers are mounted in themselves, more than once", () => {
    const stack: ExpressLayer[] = [];
    stack.push({ handle: { stack } }, { handle: { stack } }, { slash: true, handle: { stack } });
    assert.deepEqual(waysTo({ router: { stack } }, 25, route), []);
  });

  it("of an application without routers", () => assert.deepEqual(waysTo({}, 1, route), []));
});

describe("the mounts in a tree, in the order in which Express tries them", () => {
  const inner = mount("inner");
  const outer = mount("outer", inner, routeLayer);
  const handler = { name: "handler", handle: {} };
  const app = { router: { stack: [routeLayer, outer, atRoot(handler, atRoot(mount("nested"))), mount("last")] } };
  const names = (layers: readonly ExpressLayer[]) => layers.map((layer) => (layer as { name?: string }).name);

  it("of the application: those of routers at its root are its own", () =>
    assert.deepEqual(names(mountsIn(app)), ["outer", "handler", "nested", "last"]));

  it("of a mount", () => {
    assert.deepEqual(names(mountsIn(app, outer)), ["inner"]);
    assert.deepEqual(names(mountsIn(app, handler)), []);
  });

  it("of a router that is mounted in itself", () => {
    const stack: ExpressLayer[] = [];
    stack.push({ slash: true, handle: { stack } }, mount("a"));
    assert.equal(new Set(names(mountsIn({ router: { stack } }))).size, 1);
  });

  it("of an application without routers", () => assert.deepEqual(mountsIn({}), []));
});
