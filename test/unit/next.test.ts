/** What is read of a request that Next.js has in its hands; that Next does leave that there is in test/preload. */
import assert from "node:assert/strict";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { RequestInFlight } from "../../src/instrumentation/http/request-in-flight.ts";
import { next } from "../../src/instrumentation/routes/next.ts";
import { RouteSource } from "../../src/instrumentation/routes/route.ts";
import { LabelSets } from "../../src/view/label-sets.ts";

const REQUEST_META = Symbol.for("NextInternalRequestMeta");
const FILE = { "accept-ranges": "bytes" };

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

function inFlight(target: string, meta: unknown, { status = 200, headers = {} }: Answer = {}): RequestInFlight {
  const request = new IncomingMessage(new Socket());
  request.url = target;
  Object.assign(request, { [REQUEST_META]: meta });
  const response = new ServerResponse(request);
  response.statusCode = status;
  response.setHeaders(new Map(Object.entries(headers)));
  const started = new RequestInFlight();
  started.start(request, response, 0, 0);
  return started;
}

describe("Next.js", () => {
  const labelSets = new LabelSets(100, { process: (attributes) => attributes });
  const observer = next.observe?.({ labelSets, onUnknown: assert.fail, onFailure: assert.ifError });
  const { source, read } = observer?.reader ?? assert.fail("Next.js has no reader");

  for (const [what, target, meta, answer, value, labelSource] of [
    ["a page", "/users/42", { invokeOutput: "/users/[id]" }, {}, "/users/[id]", "template"],
    [
      "a page that is not found",
      "/users/0",
      { invokeOutput: "/users/[id]" },
      { status: 404 },
      "/users/[id]",
      "template",
    ],
    ["a page, with ranges", "/users/42", { invokeOutput: "/users/[id]" }, { headers: FILE }, "/users/[id]", "template"],
    ["an error page", "/_error", { invokeOutput: "/_error" }, { status: 404 }, "unmatched", "unmatched"],
    ["an error page for another", "/x", { invokeOutput: "" }, { status: 404 }, "unmatched", "unmatched"],
    ["not routed yet", "/users/42", {}, {}, "unmatched", "unmatched"],
    ["a redirect", "/old", { invokeOutput: "" }, { status: 308 }, "unmatched", "unmatched"],
    ["a built file", "/_next/static/a.js", { invokeOutput: "" }, { headers: FILE }, "/_next/static/*", "template"],
    ["a built file below a base path", "/shop/_next/static/a.js", {}, { headers: FILE }, "/_next/static/*", "template"],
    [
      "a built file that has not changed",
      "/_next/static/a.js",
      {},
      { status: 304, headers: FILE },
      "/_next/static/*",
      "template",
    ],
    ["a built file that is not there", "/_next/static/a.js", {}, { status: 404 }, "unmatched", "unmatched"],
    ["a public file", "/a.svg", {}, { headers: FILE }, "/*", "template"],
    ["a range that a file does not have", "/a.svg", {}, { status: 416, headers: FILE }, "unmatched", "unmatched"],
    ["an output that is none", "/a", { invokeOutput: 7 }, {}, "unmatched", "unmatched"],
  ] as const) {
    it(`${what}: ${target} → ${value}`, () => {
      const label = read(inFlight(target, meta, answer));
      assert.deepEqual({ value: label?.value, source: label?.source }, { value, source: labelSource });
    });
  }

  for (const meta of [undefined, null]) {
    it(`leaves a request alone that Next has not seen: ${meta}`, () => {
      assert.equal(read(inFlight("/users/42", meta)), undefined);
    });
  }

  it("knows better than a router in front of it", () => assert.equal(source, RouteSource.FINAL));

  it("knows of no answer before there is a response, or after the request has been let go", () => {
    assert.equal(read(new RequestInFlight()), undefined);
  });
});
