/** The short forms of `npm run soak` and `npm run outage`: nothing grows with requests, connections, scrapes or failed exports. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const SOAK = fileURLToPath(new URL("../bench/soak.ts", import.meta.url));
const OUTAGE = fileURLToPath(new URL("../bench/outage.ts", import.meta.url));

describe("the heap", function () {
  this.timeout(120_000);

  it("is flat under load, with scrapes, aborted requests and new connections", () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [SOAK, "--seconds", "20"], {
      encoding: "utf8",
      timeout: 100_000,
    });
    assert.equal(status, 0, stdout + stderr);
  });

  it("is within 10 MB of an idle run's while the collector fails in all the ways there are", () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [OUTAGE, "--seconds", "15"], {
      encoding: "utf8",
      timeout: 100_000,
    });
    assert.equal(status, 0, stdout + stderr);
  });
});
