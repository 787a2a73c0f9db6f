/** The labels of outgoing requests, and the budget of their hosts. */
import assert from "node:assert/strict";
import type { Attributes } from "@opentelemetry/api";
import fc from "fast-check";
import { clientLabels, clientView } from "../../src/view/client.ts";
import { CLIENT_FAMILIES } from "../../src/view/red.ts";

const call = (address: string, port: number | undefined, status?: number, method = "GET"): Attributes => ({
  "http.request.method": method,
  "server.address": address,
  ...(port !== undefined && { "server.port": port }),
  "network.protocol.version": "1.1",
  "error.type": "500",
  ...(status !== undefined && { "http.response.status_code": status }),
});

const labelsWithin = (maxLabelSets: number, onOverflow = () => {}) =>
  clientLabels({ service: "shop", maxLabelSets, onOverflow });

describe("the labels of an outgoing request", () => {
  for (const [attributes, method, status, host] of [
    [call("api.example.com", 443, 200), "GET", "200", "api.example.com:443"],
    [call("API.Example.com", 443, 200), "GET", "200", "api.example.com:443"],
    [call("::1", 8080, 404), "GET", "404", "[::1]:8080"],
    [call("[::1]", 8080, 404), "GET", "404", "[::1]:8080"],
    [call("10.0.0.1", 80, undefined, "POST"), "POST", "0", "10.0.0.1:80"],
    [call("a", 80, 200, "_OTHER"), "_OTHER", "200", "a:80"],
    [call("a", 80, 200, "PURGE"), "_OTHER", "200", "a:80"],
    [call("a".repeat(300), 80), "GET", "0", "other"],
    [call("/var/run/Docker.sock", undefined, 200), "GET", "200", "/var/run/Docker.sock"],
  ] as const) {
    it(`${method} ${status} ${host.slice(0, 40)}`, () => {
      assert.deepEqual(labelsWithin(10).process(attributes), { method, status_code: status, host, service: "shop" });
    });
  }
});

describe("the budget of hosts", () => {
  it("keeps what it has, and tells once that it is spent", () => {
    let told = 0;
    const labels = labelsWithin(2, () => told++);
    const hosts = (...calls: Attributes[]) => calls.map((attributes) => labels.process(attributes).host);
    assert.deepEqual(hosts(call("a", 80, 200), call("b", 80, 200), call("a", 80, 200)), ["a:80", "b:80", "a:80"]);
    assert.equal(told, 0);
    assert.deepEqual(hosts(call("c", 80, 200), call("a", 80, 500), call("b", 80, 200)), ["other", "other", "b:80"]);
    assert.equal(told, 1);
  });

  it("bounds the label sets of whatever is called, and keeps method and status", () => {
    const statuses = [200, 404, 503, undefined];
    const methods = ["GET", "POST"];
    const anyCall = fc.record({
      host: fc.domain(),
      port: fc.integer({ min: 1, max: 65_535 }),
      status: fc.constantFrom(...statuses),
      method: fc.constantFrom(...methods),
    });
    fc.assert(
      fc.property(fc.array(anyCall, { maxLength: 200 }), fc.integer({ min: 1, max: 20 }), (calls, limit) => {
        const labels = labelsWithin(limit);
        const seen = new Set<string>();
        for (const { host, port, status, method } of calls) {
          const shown = labels.process(call(host, port, status, method));
          assert.deepEqual([shown.method, shown.status_code], [method, String(status ?? 0)]);
          seen.add(JSON.stringify(shown));
        }
        assert.ok(seen.size <= limit + statuses.length * methods.length);
      }),
    );
  });
});

it("the view of outgoing requests has the boundaries that it is given", () => {
  const view = clientView({ service: "shop", durationBuckets: [0.1, 1], maxLabelSets: 10, onOverflow: () => {} });
  assert.equal(view.instrumentName, "http.client.request.duration");
  assert.equal(view.name, CLIENT_FAMILIES.duration.name);
  assert.deepEqual(view.aggregation, {
    type: 4,
    options: { boundaries: [0.1, 1], recordMinMax: false },
  });
});
