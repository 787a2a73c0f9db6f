/** Mounts of which only the path and the parameters are known: few labels, whatever comes. */
import assert from "node:assert/strict";
import { LastResortPattern } from "../../src/instrumentation/routes/express/last-resort.ts";

describe("a mount that nothing proves", () => {
  for (const [part, params, label] of [
    ["/t/acme", { tenant: "acme" }, "/t/:tenant"],
    ["/users/users", { id: "users" }, "/users/:id"],
    ["/a/a/a", { first: "a", second: "a" }, "/a/:first/:second"],
    ["/t/a%20b", { tenant: "a b" }, "/t/:tenant"],
    ["/t/%C3%A9%2f", { tenant: "é/" }, "/t/:tenant"],
    ["/t/%zz", { tenant: "%zz" }, "/t/:tenant"],
    ["/group/red", { 0: "red" }, "/group/*"],
    ["/v2", { version: "2" }, "/v2"],
    ["/t/acme", { tenant: { name: "acme" } }, "/t/acme"],
    ["/t/12345", { tenant: { name: "acme" } }, "/t/:id"],
    ["/t/acme", {}, "/t/acme"],
  ] as const)
    it(`${part} with ${JSON.stringify(params)} is ${label}`, () => {
      const pattern = new LastResortPattern();
      const shape = pattern.shapeOf(part, params);
      assert.equal(shape.label, label);
      assert.equal(pattern.shapeOf(part, params), shape, "the same object, or it is not recognised");
    });

  it("is recognised by its parameters, too", () => {
    const pattern = new LastResortPattern();
    assert.equal(pattern.shapeOf("/t/acme", { tenant: "acme" }).label, "/t/:tenant");
    assert.equal(pattern.shapeOf("/t/all", {}).label, "/t/all");
    assert.equal(pattern.shapeOf("/T/umbrella", { tenant: "umbrella" }).label, "/t/:tenant");
  });

  it("shows sixteen values, then * for the segments that differ", () => {
    const pattern = new LastResortPattern();
    const labels = words(20).map((word) => pattern.shapeOf(`/api/${word}/in`, {}).label);
    assert.deepEqual(labels, [
      ...words(16).map((word) => `/api/${word}/in`),
      ...["/api/*/in", "/api/*/in", "/api/*/in", "/api/*/in"],
    ]);
    assert.equal(pattern.shapeOf("/api/other", {}).label, "/*/*", "nothing to compare with");
    assert.equal(pattern.shapeOf(`/api/${words(1)[0]}/in`, {}).label, "/api/aa/in", "what has its label keeps it");
  });

  it("is bounded, however many segments there are", () => {
    const pattern = new LastResortPattern();
    const labels = new Set<string>();
    for (let segments = 1; segments <= 200; segments++)
      for (const word of words(20)) labels.add(pattern.shapeOf(`/${word}`.repeat(segments), {}).label);
    assert.equal(labels.size, 32);
    assert.equal(pattern.shapeOf("/a".repeat(1000), {}).label, "/*");
  });
});

/** `aa ab ac …`: no identifiers. */
function words(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `a${String.fromCharCode(97 + i)}`);
}
