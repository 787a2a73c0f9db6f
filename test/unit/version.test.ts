import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { SCOPE } from "../../src/view/scope.ts";

describe("SCOPE.version", () => {
  it("is the one of package.json", () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    assert.equal(SCOPE.version, version);
  });
});
