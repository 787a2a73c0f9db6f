/** A call with code of others around it: the call is made once, and its outcome is what comes of it. */
import assert from "node:assert/strict";
import { harmless } from "../../src/instrumentation/client/harmless.ts";

const fail = (message: string): never => {
  throw new Error(message);
};

describe("a call with code around it", () => {
  for (const [name, call, around, outcome, failures] of [
    ["that goes well", () => "sent", (call) => call(), "sent", []],
    ["that is refused", () => fail("refused"), (call) => call(), "refused", []],
    ["that fails before it", () => "sent", () => fail("before"), "sent", ["before"]],
    ["that fails after it", () => "sent", (call) => [call(), fail("after")][0] as string, "sent", ["after"]],
    ["that cannot read what is refused", () => fail("refused"), () => fail("before"), "refused", []],
  ] as [string, () => string, (call: () => string) => string, string, string[]][]) {
    it(name, () => {
      const told: string[] = [];
      let calls = 0;
      const counted = () => {
        calls++;
        return call();
      };
      const seen = (() => {
        try {
          return harmless(counted, around, (error) => told.push((error as Error).message));
        } catch (error) {
          return (error as Error).message;
        }
      })();
      assert.deepEqual([seen, told, calls], [outcome, failures, 1]);
    });
  }
});
