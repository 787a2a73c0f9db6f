/** The quick way to a path's label, held against the rules. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { createNormalizer, normalizeSegment } from "../../src/instrumentation/routes/plain/normalizer.ts";
import { plainTemplateOf } from "../../src/instrumentation/routes/plain/plain-paths.ts";

const SEGMENT = fc.oneof(
  fc.stringMatching(/^\d{1,90}$/),
  fc.stringMatching(/^[a-zA-Z]{1,20}$/),
  fc.stringMatching(/^[a-z]{1,6}\d{0,3}$/),
  fc.stringMatching(/^[\w.~%:-]{0,12}$/),
  fc.stringMatching(/^[\da-f]{1,70}$/),
  fc.stringMatching(/^[\da-f-]{1,40}$/),
  fc.stringMatching(/^[\d-]{1,12}$/),
  fc.uuid(),
);

describe("a path of words and common identifiers", () => {
  for (const [path, template] of [
    ["/users/42", "/users/:id"],
    ["/users/42/orders/7", "/users/:id/orders/:id"],
    ["/42", "/:id"],
    ["/1/2/3", "/:id/:id/:id"],
    ["/Users/all", "/Users/all"],
    ["/users/550e8400-e29b-41d4-a716-446655440000/cards", "/users/:id/cards"],
    ["/users/507f1f77bcf86cd799439011", "/users/:id"],
    ["/commits/deadbeef7", "/commits/:id"],
    ["/reports/2026-11-27", "/reports/:id"],
    ["/7-8/x", "/:id/x"],
    ["/api/v1/order-items/42", "/api/v1/order-items/:id"],
    ["/page_size.json", "/page_size.json"],
    [`/${"9".repeat(300)}`, "/:id"],
    ["/a".repeat(12), "/a".repeat(12)],
  ] as const)
    it(`${path.slice(0, 30)} is ${template}`, () => assert.equal(plainTemplateOf(path), template));

  for (const [path, why] of [
    ["", "no path"],
    ["/", "no segment"],
    ["*", "no path"],
    ["users", "no slash first"],
    ["/users/", "a slash last"],
    ["//users", "two slashes"],
    ["/h264", "a word with more digits"],
    ["/sha2x", "digits within"],
    ["/12ab", "digits in front"],
    ["/A-b", "a capital and a mark"],
    ["/A1", "a capital and a digit"],
    ["/.git", "a dot first"],
    ["/..", "another directory"],
    ["/a,b", "another character"],
    ["/users?id=1", "a query"],
    ["/550e8400-e29b-41d4-a716-44665544000", "a digit short of a UUID"],
    ["/550e8400-e29b-41d4-a7-16446655440000", "a dash elsewhere"],
    ["/550E8400-e29b-41d4-a716-446655440000", "a capital"],
    ["/deadbee7/cafe12a", "too short to be hexadecimal digits"],
    ["/-1", "a dash first"],
    ["/LongWordHere", "a long word with capitals"],
    ["/abcdefghijklmnopqrst", "a long word"],
    ["/é", "another letter"],
    ["/a".repeat(13), "too many segments"],
  ] as const)
    it(`${path} is left to the rules: ${why}`, () => assert.equal(plainTemplateOf(path), undefined));

  it("is labelled as by the rules", () => {
    fc.assert(
      fc.property(fc.array(SEGMENT, { maxLength: 14 }), (segments) => {
        const template = plainTemplateOf(`/${segments.join("/")}`);
        if (template === undefined) return;
        assert.equal(template, segments.map((segment) => `/${normalizeSegment(segment)}`).join(""));
      }),
      { numRuns: 5000 },
    );
  });

  it("is labelled as with a segment beside it that takes the long way", () => {
    const normalize = createNormalizer();
    fc.assert(
      fc.property(fc.array(SEGMENT, { minLength: 1, maxLength: 8 }), (segments) => {
        const path = `/${segments.join("/")}`;
        if (plainTemplateOf(path) === undefined) return;
        assert.equal(normalize(`${path}/A-b`), `${normalize(path)}/A-b`);
      }),
    );
  });
});
