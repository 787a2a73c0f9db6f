/** What each source becomes as a path label, by the status of the answer, without any framework. */
import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { RequestInFlight } from "../../src/instrumentation/http/request-in-flight.ts";
import { ServerSeen } from "../../src/instrumentation/http/server-seen.ts";
import type { EndReader, Observer } from "../../src/instrumentation/routes/framework.ts";
import { PathLabels } from "../../src/instrumentation/routes/path-labels.ts";
import { NormalizedPaths } from "../../src/instrumentation/routes/plain/normalized-paths.ts";
import { type ReportSource, RouteSource, reportRoute } from "../../src/instrumentation/routes/route.ts";
import { LabelPath, LabelSets } from "../../src/view/label-sets.ts";
import { fakeServer } from "../support/books/published.ts";

const { TELEMETRY, FRAMEWORK, MOUNT, SERVICE, ROUTE, FINAL } = RouteSource;

const TARGET = "/users/42?page=2";
const LABEL = new LabelPath("/label", "template");

/** What only a test's framework does. */
interface Told {
  readonly method?: string;
  readonly observers?: readonly Observer[];
  readonly report?: (request: RequestInFlight) => void;
}

function labelled({ method = "GET", observers = [], report }: Told, status: number) {
  const labelSets = new LabelSets(100, { process: (attributes) => attributes });
  const normalizedPaths = new NormalizedPaths(labelSets, []);
  let normalized = 0;
  const onNormalized = () => void normalized++;
  const labels = new PathLabels({ labelSets, normalizedPaths, observers, onNormalized });
  const server = new ServerSeen(fakeServer(), false);
  const request = new RequestInFlight();
  request.start({ url: TARGET, method } as IncomingMessage, {} as ServerResponse, 0, 0);
  report?.(request);
  const inFlight = labels.inFlight(request, server).value;
  return { inFlight, ended: labels.ended(request, server, status).value, normalized, server };
}

const reports = (source: ReportSource, path?: LabelPath) => (request: RequestInFlight) =>
  reportRoute(request, source, path);

describe("the path label of a request", () => {
  for (const [what, told, status, inFlight, ended] of [
    ["nobody has reported", {}, 200, "/users/:id", "/users/:id"],
    ["a framework", { report: reports(FRAMEWORK) }, 200, "unmatched", "unmatched"],
    ["a mount", { report: reports(MOUNT, LABEL) }, 200, "unmatched", "/label"],
    ["a mount, and a failure", { report: reports(MOUNT, LABEL) }, 500, "unmatched", "/label"],
    ["a mount, and a refusal", { report: reports(MOUNT, LABEL) }, 404, "unmatched", "unmatched"],
    ["a mount, and a preflight", { method: "OPTIONS", report: reports(MOUNT, LABEL) }, 204, "unmatched", "unmatched"],
    ["a route", { report: reports(ROUTE, LABEL) }, 200, "/label", "/label"],
    ["a route that answers 404", { report: reports(ROUTE, LABEL) }, 404, "/label", "/label"],
  ] as const)
    it(`${what}: ${ended}, in flight ${inFlight}`, () => {
      const seen = labelled(told, status);
      assert.deepEqual([seen.inFlight, seen.ended], [inFlight, ended]);
    });

  it("is asked for with those that nobody has reported only, and counted then", () => {
    assert.deepEqual([labelled({}, 200).normalized, labelled({ report: reports(FRAMEWORK) }, 200).normalized], [1, 0]);
  });

  for (const [source, seen] of [
    ["NONE", false],
    ["FRAMEWORK", true],
    ["ROUTE", true],
  ] as const)
    it(`${source}: the server is ${seen ? "" : "not "}a framework's`, () => {
      const told = source === "NONE" ? {} : { report: reports(RouteSource[source], LABEL) };
      assert.equal(labelled(told, 200).server.framework, seen);
    });

  describe("readers at the end", () => {
    const reader = (source: EndReader["source"], path: LabelPath | undefined, onlyNotFound = false): Observer => ({
      reader: { source, onlyNotFound, read: () => path },
    });
    const other = new LabelPath("/other", "template");
    const route = reports(ROUTE, LABEL);
    const framework = reports(FRAMEWORK);

    for (const [what, observers, report, status, ended] of [
      ["FINAL, behind a route", [reader(FINAL, other)], route, 200, "/other"],
      ["FINAL, which knows nothing", [reader(FINAL, undefined)], route, 200, "/label"],
      ["FINAL, for 404 only, on 200", [reader(FINAL, other, true)], route, 200, "/label"],
      ["FINAL, for 404 only, on 404", [reader(FINAL, other, true)], route, 404, "/other"],
      ["two of a kind: the first", [reader(FINAL, other), reader(FINAL, LABEL)], undefined, 200, "/other"],
      [
        "two of a kind, the first of which knows nothing",
        [reader(FINAL, undefined), reader(FINAL, other)],
        route,
        200,
        "/other",
      ],
      ["SERVICE, behind a route", [reader(SERVICE, other)], route, 200, "/label"],
      ["SERVICE, where a framework has no route", [reader(SERVICE, other)], framework, 404, "/other"],
      ["SERVICE, without a framework", [reader(SERVICE, other)], undefined, 200, "/users/:id"],
      ["TELEMETRY, where a framework has no route", [reader(TELEMETRY, other)], framework, 200, "unmatched"],
      ["TELEMETRY, without a framework", [reader(TELEMETRY, other)], undefined, 404, "/other"],
    ] as const)
      it(`${what}: ${ended}`, () => {
        assert.equal(labelled({ observers, ...(report && { report }) }, status).ended, ended);
      });
  });

  describe("where the server's listener is an application without routes", () => {
    const application = (path: LabelPath | undefined): Told => ({ observers: [{ readerOf: () => () => path }] });

    for (const [what, path, status, ended] of [
      ["in a mount", LABEL, 200, "/label"],
      ["in a mount, refused", LABEL, 401, "unmatched"],
      ["outside of any mount", undefined, 200, "/users/:id"],
      ["outside of any mount, refused", undefined, 404, "unmatched"],
    ] as const)
      it(`${what}: ${ended}`, () => assert.equal(labelled(application(path), status).ended, ended));
  });
});
