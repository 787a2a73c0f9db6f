/** What each source becomes as a path label, by the status of the answer, without any framework. */
import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import fc from "fast-check";
import { RequestInFlight } from "../../src/instrumentation/http/request-in-flight.ts";
import { ServerSeen } from "../../src/instrumentation/http/server-seen.ts";
import type { EndReader, Observer } from "../../src/instrumentation/routes/framework.ts";
import { nest } from "../../src/instrumentation/routes/nest.ts";
import { PathLabels } from "../../src/instrumentation/routes/path-labels.ts";
import { NormalizedPaths } from "../../src/instrumentation/routes/plain/normalized-paths.ts";
import { type ReportSource, RouteSource, reportRoute } from "../../src/instrumentation/routes/route.ts";
import { LabelPath, LabelSets } from "../../src/view/label-sets.ts";
import { fakeServer } from "../support/books/published.ts";

const { LISTENER, TELEMETRY, FRAMEWORK, MOUNT, SERVICE, ROUTE, FINAL } = RouteSource;

const TARGET = "/users/42?page=2";
const LABEL = new LabelPath("/label", "template");

const SILENT = { onFirstNormalized: () => {}, onUnrouted: () => {} };

/** A request, and what a test's framework does with it. */
interface FakeRequest {
  readonly method?: string;
  readonly observers?: readonly Observer[];
  readonly labelSets?: LabelSets;
  /** Whether the answer is a file. */
  readonly file?: boolean;
  readonly report?: (request: RequestInFlight) => void;
}

function labelled({ method = "GET", observers = [], file = false, report, ...given }: FakeRequest, status: number) {
  const { labelSets = new LabelSets(100, { process: (attributes) => attributes }) } = given;
  const normalizedPaths = new NormalizedPaths(labelSets, []);
  let normalized = 0;
  const counted = { onFirstNormalized: () => void normalized++, onUnrouted: () => {} };
  const labels = new PathLabels({ labelSets, normalizedPaths, observers, ...counted });
  const server = new ServerSeen(fakeServer(), false);
  const request = new RequestInFlight();
  request.start({ url: TARGET, method } as IncomingMessage, {} as ServerResponse, 0, 0);
  report?.(request);
  const inFlight = labels.inFlight(request, server).value;
  const head = `HTTP/1.1 200 OK\r\n${file ? "Last-Modified: Tue, 01 Dec 2026 00:00:00 GMT\r\n" : ""}\r\n`;
  Object.assign(request.response as ServerResponse, { _header: head });
  return { inFlight, ended: labels.ended(request, server, status).value, normalized, server };
}

const reports = (source: ReportSource, path?: LabelPath) => (request: RequestInFlight) =>
  reportRoute(request, source, path);

describe("the path label of a request", () => {
  for (const [what, fake, status, inFlight, ended] of [
    ["nobody has reported", {}, 200, "/users/:id", "/users/:id"],
    ["a framework", { report: reports(FRAMEWORK) }, 200, "unmatched", "/users/:id"],
    ["a framework, and a failure", { report: reports(FRAMEWORK) }, 500, "unmatched", "/users/:id"],
    ["a framework, and a file", { report: reports(FRAMEWORK), file: true }, 200, "unmatched", "/*"],
    ["a framework, and a refusal", { report: reports(FRAMEWORK) }, 404, "unmatched", "unmatched"],
    ["a framework, and nobody waits", { report: reports(FRAMEWORK) }, 499, "unmatched", "unmatched"],
    ["a framework, and a preflight", { method: "OPTIONS", report: reports(FRAMEWORK) }, 204, "unmatched", "unmatched"],
    ["a mount", { report: reports(MOUNT, LABEL) }, 200, "/label", "/label"],
    ["a mount, and a failure", { report: reports(MOUNT, LABEL) }, 500, "/label", "/label"],
    ["a mount, and a refusal", { report: reports(MOUNT, LABEL) }, 404, "/label", "/label"],
    ["a mount, and nobody waits", { report: reports(MOUNT, LABEL) }, 499, "/label", "/label"],
    ["a mount, and a preflight", { method: "OPTIONS", report: reports(MOUNT, LABEL) }, 204, "/label", "/label"],
    ["a route", { report: reports(ROUTE, LABEL) }, 200, "/label", "/label"],
    ["a route that answers 404", { report: reports(ROUTE, LABEL) }, 404, "/label", "/label"],
  ] as const)
    it(`${what}: ${ended}, in flight ${inFlight}`, () => {
      const seen = labelled(fake, status);
      assert.deepEqual([seen.inFlight, seen.ended], [inFlight, ended]);
    });

  it("is told once when a path is normalised, with a framework or without", () => {
    const told = (report?: (request: RequestInFlight) => void) => labelled(report ? { report } : {}, 200).normalized;
    assert.deepEqual([told(), told(reports(FRAMEWORK)), told(reports(ROUTE, LABEL))], [1, 1, 0]);
  });

  it("are looked for once a second while there are requests without a route", () => {
    const labelSets = new LabelSets(100, { process: (attributes) => attributes });
    const searchedAtMs: number[] = [];
    const request = new RequestInFlight();
    const labels = new PathLabels({
      labelSets,
      normalizedPaths: new NormalizedPaths(labelSets, []),
      observers: [],
      onFirstNormalized: () => {},
      onUnrouted: () => searchedAtMs.push(request.startedAtMs),
    });
    const server = new ServerSeen(fakeServer(), false);
    for (const [atMs, report] of [
      [5, undefined],
      [900, undefined],
      [1004, undefined],
      [1005, reports(ROUTE, LABEL)],
      [1500, reports(FRAMEWORK)],
      [2499, undefined],
    ] as const) {
      request.start({ url: TARGET, method: "GET" } as IncomingMessage, {} as ServerResponse, 0, atMs);
      report?.(request);
      labels.ended(request, server, 200);
      request.release();
    }
    assert.deepEqual(searchedAtMs, [5, 1500]);
  });

  for (const [source, seen] of [
    ["NONE", false],
    ["FRAMEWORK", true],
    ["ROUTE", true],
  ] as const)
    it(`${source}: the server is ${seen ? "" : "not "}a framework's`, () => {
      const fake = source === "NONE" ? {} : { report: reports(RouteSource[source], LABEL) };
      assert.equal(labelled(fake, 200).server.framework, seen);
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
      ["TELEMETRY, where a framework has no route", [reader(TELEMETRY, other)], framework, 200, "/users/:id"],
      ["TELEMETRY, without a framework", [reader(TELEMETRY, other)], undefined, 404, "/other"],
    ] as const)
      it(`${what}: ${ended}`, () => {
        assert.equal(labelled({ observers, ...(report && { report }) }, status).ended, ended);
      });
  });

  for (const [what, method, status, ended] of [
    ["an answer", "GET", 308, "/users/:id"],
    ["a refusal", "GET", 404, "unmatched"],
    ["a preflight", "OPTIONS", 204, "unmatched"],
  ] as const)
    it(`a framework that knows that it has no route, and ${what}: ${ended}`, () => {
      const labelSets = new LabelSets(100, { process: (attributes) => attributes });
      const observers = [{ reader: { source: FINAL, read: () => labelSets.unmatched } }];
      assert.equal(labelled({ method, observers, labelSets, report: reports(ROUTE, LABEL) }, status).ended, ended);
    });

  describe("where the server's listener is an application without routes", () => {
    const application = (path: LabelPath | undefined): Observer => ({
      readerOf: () => ({ source: LISTENER, read: () => path }),
    });

    for (const [what, path, status, ended] of [
      ["in a mount", LABEL, 200, "/label"],
      ["in a mount, refused", LABEL, 401, "/label"],
      ["outside of any mount", undefined, 200, "/users/:id"],
      ["outside of any mount, refused", undefined, 404, "unmatched"],
    ] as const)
      it(`${what}: ${ended}`, () => {
        assert.equal(labelled({ observers: [application(path)] }, status).ended, ended);
      });

    it("looks for Node's request, which nobody has asked for on HTTP/2, before it judges a preflight", () => {
      const report = (request: RequestInFlight) => {
        const { request: preflight } = request;
        request.request = undefined;
        request.incomingMessage = () => {
          request.request = preflight;
          return preflight;
        };
      };
      assert.equal(
        labelled({ method: "OPTIONS", observers: [application(undefined)], report }, 204).ended,
        "unmatched",
      );
    });

    it("tells several servers apart", () => {
      const labelSets = new LabelSets(100, { process: (attributes) => attributes });
      const observers: Observer[] = ["/a", "/b"].map((value) => ({
        readerOf: (listener) =>
          (listener as { value?: string } | undefined)?.value === value
            ? { source: LISTENER, read: () => labelSets.template(value) }
            : undefined,
      }));
      const normalizedPaths = new NormalizedPaths(labelSets, []);
      const labels = new PathLabels({ labelSets, normalizedPaths, observers, ...SILENT });
      const servers = ["/a", "/b", "/none"].map((value) => {
        const server = fakeServer();
        server.listeners = () => [Object.assign(() => {}, { value })];
        return new ServerSeen(server, false);
      });
      const request = new RequestInFlight();
      request.start({ url: TARGET, method: "GET" } as IncomingMessage, {} as ServerResponse, 0, 0);
      const ended = [...servers, ...servers].map((server) => labels.ended(request, server, 200).value);
      assert.deepEqual(ended, ["/a", "/b", "/users/:id", "/a", "/b", "/users/:id"]);
    });

    it("asks the observers of this start, not those of a start before", () => {
      const server = new ServerSeen(fakeServer(), false);
      const request = new RequestInFlight();
      const ended = ["/first", "/second"].map((value) => {
        const labelSets = new LabelSets(100, { process: (attributes) => attributes });
        const observers = [application(labelSets.template(value))];
        const normalizedPaths = new NormalizedPaths(labelSets, []);
        const labels = new PathLabels({ labelSets, normalizedPaths, observers, ...SILENT });
        return labels.ended(request, server, 200).value;
      });
      assert.deepEqual(ended, ["/first", "/second"]);
    });
  });

  it("any sources: the label of the strongest", () => {
    const names = ["LISTENER", "TELEMETRY", "MOUNT", "SERVICE", "ROUTE", "FINAL"] as const;
    fc.assert(
      fc.property(fc.subarray([...names], { minLength: 1 }), (present) => {
        const labelOf = (name: string) => new LabelPath(`/${name}`, "template");
        const observers = present.flatMap((name): Observer[] => {
          if (name === "MOUNT" || name === "ROUTE") return [];
          const reader: EndReader = { source: RouteSource[name], read: () => labelOf(name) };
          return name === "LISTENER" ? [{ readerOf: () => reader }] : [{ reader }];
        });
        const report = (request: RequestInFlight) => {
          // asked only about requests that a framework has reported
          if (present.includes("SERVICE")) reportRoute(request, FRAMEWORK);
          if (present.includes("MOUNT")) reportRoute(request, MOUNT, labelOf("MOUNT"));
          if (present.includes("ROUTE")) reportRoute(request, ROUTE, labelOf("ROUTE"));
        };
        const strongest = names.findLast((name) => present.includes(name));
        assert.equal(labelled({ observers, report }, 200).ended, `/${strongest}`);
      }),
    );
  });

  describe("of Nest's route for all requests that have none", () => {
    const labelSets = new LabelSets(100, { process: (attributes) => attributes });
    const observer = nest.observe?.({ labelSets, onUnknown: assert.fail, onFailure: assert.ifError }) ?? {};

    for (const [what, route, status, ended] of [
      ["on 404", { path: "*path", methods: { _all: true } }, 404, "unmatched"],
      ["on 200: an application may have such a route, too", { path: "*path", methods: { _all: true } }, 200, "/label"],
      ["for one method", { path: "*path", methods: { get: true } }, 404, "/label"],
      ["of another path", { path: "/users/:id", methods: { _all: true } }, 404, "/label"],
    ] as const)
      it(`${what}: ${ended}`, () => {
        const report = (request: RequestInFlight) => {
          Object.assign(request.request as object, { route });
          reportRoute(request, ROUTE, LABEL);
        };
        assert.equal(labelled({ observers: [observer], report }, status).ended, ended);
      });
  });
});
