/** The door: which report overwrites which, with explicit reports. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { ReportedRoute, RouteSource, reportRoute } from "../../src/instrumentation/routes/route.ts";
import { LabelPath } from "../../src/view/label-sets.ts";

const { FRAMEWORK, ROUTE } = RouteSource;

const label = (value: string) => new LabelPath(value, "template");
const A = label("/a");
const B = label("/b");

type ReportName = "FRAMEWORK" | "MOUNT" | "ROUTE";

/** @param reports `<source> <label>`, separated by commas */
function reported(reports: string): string {
  const request = { route: new ReportedRoute(), isAnswered: false };
  for (const [, name, path] of reports.matchAll(/([A-Z]+)(?: (\S+))?(?:, |$)/g))
    reportRoute(request, RouteSource[name as ReportName], path === undefined ? undefined : label(path));
  const { source, path } = request.route;
  return [Object.keys(RouteSource)[source], path?.value].filter((word) => word !== undefined).join(" ");
}

describe("reportRoute", () => {
  for (const [what, reports, outcome] of [
    ["nothing", "", "NONE"],
    ["a framework without a route", "FRAMEWORK", "FRAMEWORK"],
    ["a route", "FRAMEWORK, ROUTE /a", "ROUTE /a"],
    ["a route, and then that a framework handles the request", "ROUTE /a, FRAMEWORK", "ROUTE /a"],
    ["two routes: the later one", "ROUTE /a, ROUTE /b", "ROUTE /b"],
    ["a mount behind a route: the route", "ROUTE /a, MOUNT /b", "ROUTE /a"],
    ["a route behind a mount: the route", "MOUNT /a, ROUTE /b", "ROUTE /b"],
  ] as const)
    it(what, () => assert.equal(reported(reports), outcome));

  it("any reports: the last one of the strongest source", () => {
    const names: readonly ReportName[] = ["FRAMEWORK", "MOUNT", "ROUTE"];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...names), { minLength: 1 }), (order) => {
        const reports = order.map((name, index) => `${name} /${index}`);
        const strongest = names.findLast((name) => order.includes(name));
        assert.equal(
          reported(reports.join(", ")),
          reports.findLast((report) => report.startsWith(`${strongest} `)),
        );
      }),
    );
  });

  it("a reader: a framework handles the request; the route is what the reader returns, else what was reported", () => {
    const request = { route: new ReportedRoute(), isAnswered: false };
    const state: { matched?: LabelPath } = {};
    reportRoute(request, ROUTE, (kept) => (kept as typeof state).matched, state);
    assert.deepEqual([request.route.source, request.route.current], [FRAMEWORK, undefined]);
    reportRoute(request, ROUTE, A);
    assert.equal(request.route.current, A);
    state.matched = B;
    assert.deepEqual([request.route.current, request.route.matched], [B, A]);
  });

  it("the state beside a label: the first one is kept, also when it is a reader's", () => {
    const [first, second] = [{}, {}] as const;
    const request = { route: new ReportedRoute(), isAnswered: false };
    reportRoute(request, FRAMEWORK, undefined, first);
    reportRoute(request, ROUTE, A, second);
    assert.equal(request.route.state, first);
    reportRoute(request, ROUTE, () => undefined, second);
    assert.equal(request.route.state, second);
  });

  it("forgets everything but the object for mounts, which forgets the request itself", () => {
    const request = { route: new ReportedRoute(), isAnswered: false };
    let cleared = 0;
    const outer = { base: "", hasLeft: () => false, label: () => A, labelBelow: () => A, clear: () => void cleared++ };
    request.route.outer = outer;
    reportRoute(request, ROUTE, () => A, {});
    reportRoute(request, ROUTE, A);
    request.route.clear();
    const fresh = new ReportedRoute();
    fresh.outer = outer;
    assert.deepEqual({ ...request.route }, { ...fresh });
    assert.equal(cleared, 1);
  });
});
