/** Labels of paths that were seen before: found for a path exactly where the rules would give that label. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { KnownPaths } from "../../src/instrumentation/routes/plain/known-paths.ts";
import { createNormalizer } from "../../src/instrumentation/routes/plain/normalizer.ts";
import { LabelPath } from "../../src/view/label-sets.ts";

const normalize = createNormalizer();

function known(...values: string[]): (target: string) => string | undefined {
  const paths = new KnownPaths();
  for (const value of values) paths.add(new LabelPath(value, "normalized"));
  return (target) => paths.find(target)?.value;
}

describe("KnownPaths", () => {
  const find = known("/users", "/users/:id", "/users/:id/orders", "/usage", "/", "unmatched", "/cus_:id", "/*");

  for (const [target, label] of [
    ["/users", "/users"],
    ["/users?page=2", "/users"],
    ["/users?next=/users/42", "/users"],
    ["/users/42", "/users/:id"],
    ["/users/550e8400-e29b-41d4-a716-446655440000?x", "/users/:id"],
    ["/users/42/orders", "/users/:id/orders"],
    ["/usage", "/usage"],
    ["/user", undefined],
    ["/userss", undefined],
    ["/users/", undefined],
    ["/users/all", undefined],
    ["/users/42/cards", undefined],
    ["/42", undefined],
    ["/users#top", undefined],
    ["users", undefined],
    ["/", undefined],
    ["", undefined],
    ["?users", undefined],
    ["/cus_9s6XKzkNRiz8i3", undefined],
    ["/*", undefined],
  ] as const)
    it(`${JSON.stringify(target)}: ${label}`, () => assert.equal(find(target), label));

  it("finds what the rules give, or nothing, among any labels", () => {
    const word = fc.oneof(
      fc.stringMatching(/^[a-c]{1,3}$/),
      fc.stringMatching(/^[\w.%:-]{0,12}$/),
      fc.uuid(),
      fc.nat().map(String),
    );
    const path = fc.array(word, { maxLength: 5 }).map((segments) => `/${segments.join("/")}`);
    const target = fc.tuple(path, fc.constantFrom("", "?a=/b", "#c", "#c?d")).map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.array(target, { maxLength: 40 }), target, (before, target) => {
        const paths = new KnownPaths();
        const labels = [...before, target].map((each) => new LabelPath(normalize(each), "normalized"));
        for (const label of labels) paths.add(label);
        for (const each of [...before, target]) {
          const found = paths.find(each);
          if (found !== undefined) assert.equal(found.value, normalize(each));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("tells many words in one place from one another, and leaves out what is too many", () => {
    const letter = (digit: string) => "qrstuvwxyz"[Number(digit)] as string;
    const words = Array.from({ length: 500 }, (_, i) => `/shop/w${i.toString(26).replace(/\d/g, letter)}`);
    const find = known(...words);
    const found = words.filter((word) => find(word) !== undefined);
    for (const word of found) assert.equal(find(word), word);
    assert.ok(found.length > 100, `${found.length} are known`);
    assert.ok(found.length <= 256, `${found.length} are known`);
  });
});
