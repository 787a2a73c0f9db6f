/** PromQL as text: what users may call their services, and how either Prometheus spells a bound. */
import { deepEqual, equal } from "node:assert/strict";
import { bucketMatcher, equals, selector, stringLiteral } from "../../src/cli/generate/prometheus/promql.ts";

describe("a string literal of PromQL", () => {
  for (const [text, literal] of [
    ["shop", '"shop"'],
    ['a "b"', String.raw`"a \"b\""`],
    ["back\\slash", String.raw`"back\\slash"`],
    ["two\nlines", String.raw`"two\U0000000alines"`],
    ["\u0000\u007f\u2028", String.raw`"\U00000000\U0000007f\U00002028"`],
    ["\u{e0041}", String.raw`"\U000e0041"`],
    ["größe 🫖", '"größe 🫖"'],
    ["\ud800", '"\ufffd"'],
    [".*|+?", '".*|+?"'],
  ] as const)
    it(`${JSON.stringify(text)} is ${literal}`, () => equal(stringLiteral(text), literal));
});

describe("a selector", () => {
  it("has the matchers that there are", () => {
    equal(selector(equals("service", "shop"), undefined, 'status_code=~"5.."'), '{service="shop",status_code=~"5.."}');
  });
  it("is empty where there is none", () => equal(selector(equals("service", undefined)), ""));
});

describe("the matcher of a bucket", () => {
  for (const [bound, spellings] of [
    [0.5, ["0.5"]],
    [1, ["1", "1.0"]],
    [100_000, ["100000", "100000.0"]],
    [1e6, ["1000000", "1e+06"]],
    [1_234_567.5, ["1234567.5", "1.2345675e+06"]],
    [0.0001, ["0.0001"]],
    [0.00001, ["0.00001", "1e-05"]],
    [1.5e-7, ["1.5e-7", "1.5e-07"]],
    [1e22, ["1e+22"]],
  ] as const)
    it(`of ${bound} takes ${spellings.join(" and ")}`, () => {
      const [, literal = ""] = /^le=~(".*")$/.exec(bucketMatcher(bound)) ?? [];
      const regex = new RegExp(`^(?:${JSON.parse(literal)})$`);
      deepEqual(
        spellings.filter((spelling) => !regex.test(spelling)),
        [],
      );
      equal(regex.test("0x5"), false);
      equal(regex.test(`${bound}00`), false);
    });
});
