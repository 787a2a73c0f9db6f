/** The meter provider that is loaded with the application's first meter. */
import assert from "node:assert/strict";
import type { Meter, MeterProvider } from "@opentelemetry/api";
import { lateMeterProvider } from "../../src/application/late-meter-provider.ts";

describe("lateMeterProvider", () => {
  it("hands name, version and options on to what it loads", () => {
    const asked: unknown[] = [];
    const meter = {} as Meter;
    const getMeter: MeterProvider["getMeter"] = (...how) => {
      asked.push(how);
      return meter;
    };
    const provider = lateMeterProvider(
      () => ({ getMeter }),
      (error) => assert.fail(String(error)),
    );
    assert.equal(provider.getMeter("shop", "1.0", { schemaUrl: "https://example.com" }), meter);
    assert.deepEqual(asked, [["shop", "1.0", { schemaUrl: "https://example.com" }]]);
  });

  it("gives a meter that does nothing where loading fails, and tells", () => {
    const failures: unknown[] = [];
    const cause = new Error("cannot be loaded");
    const provider = lateMeterProvider(
      () => {
        throw cause;
      },
      (error) => failures.push(error),
    );
    provider.getMeter("shop").createCounter("orders").add(1);
    assert.deepEqual(failures, [cause]);
  });
});
