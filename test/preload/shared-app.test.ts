/** An application that crashes fails its own rows, and no others. */
import { deepEqual, match } from "node:assert/strict";
import { nameOf, runMocha } from "../support/mocha-run.ts";

it("a row whose application crashes fails, the rows behind it have a fresh one, and a crash that no row sees fails too", async () => {
  const { counts } = await runMocha(["crashing.ts"]);
  const { passed, failed, failures = [] } = counts?.[nameOf("crashing.ts")] ?? {};
  deepEqual({ passed, failed }, { passed: 4, failed: 2 });
  match(failures[0] ?? "", /› crashes\n/);
  match(failures[1] ?? "", /"after all" hook.*\n.*ended with SIGSEGV after "crashes unseen"/);
});
