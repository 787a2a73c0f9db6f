import assert from "node:assert/strict";
import { connectDiag, diag } from "../../src/exporter/diag/diag.ts";

describe("what OpenTelemetry's packages say", () => {
  const lines: string[] = [];
  const say = (severity: string) => (message: string) => void lines.push(`${severity}: ${message}`);
  before(() => connectDiag({ error: say("error"), warn: say("warn"), info: say("info") }));
  beforeEach(() => lines.splice(0));

  it("errors and warnings are in our log, with what they carry", () => {
    diag.error("collection failed", new TypeError("no number"), 7);
    diag.createComponentLogger({ namespace: "any" }).warn("a component's");
    assert.deepEqual(lines, ["error: collection failed TypeError: no number 7", "warn: a component's"]);
  });

  it("each text is said once", () => {
    for (let export_ = 0; export_ < 3; export_++) diag.warn("the same at every export");
    assert.deepEqual(lines, ["warn: the same at every export"]);
  });

  it("a kind of text is said once, whatever the numbers and the data in it", () => {
    for (let count = 1; count <= 20; count++) diag.warn(`rejected: ${count}. ${" ".repeat(200)}${"x".repeat(count)}`);
    assert.equal(lines.length, 1);
  });

  it("the rest is not said", () => {
    diag.warn('dropping invalid resource attribute value for key "cloud.region"');
    diag.info("i");
    diag.debug("d");
    diag.verbose("v");
    assert.deepEqual(lines, []);
  });

  it("texts that are never the same come to an end", () => {
    for (let length = 0; length < 1000; length++) diag.warn("?".repeat(length));
    assert.ok(lines.length > 50 && lines.length <= 100, String(lines.length));
  });
});
