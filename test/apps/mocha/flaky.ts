/** A test that fails the first time, and passes from then on: FLAKY_FILE names the file that remembers. */
import { equal } from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";

it("passes always", () => {});

it("passes the second time", () => {
  const file = process.env.FLAKY_FILE ?? "";
  const isSecond = existsSync(file);
  writeFileSync(file, "");
  equal(isSecond, true);
});
