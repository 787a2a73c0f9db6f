/** The short form of `npm run soak`: nothing grows with requests, connections or scrapes. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const SOAK = fileURLToPath(new URL("../bench/soak.ts", import.meta.url));

describe("the heap", function () {
  this.timeout(120_000);

  it("is flat under load, with scrapes, aborted requests and new connections", () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [SOAK, "--seconds", "20"], {
      encoding: "utf8",
      timeout: 100_000,
    });
    assert.equal(status, 0, stdout + stderr);
  });
});
