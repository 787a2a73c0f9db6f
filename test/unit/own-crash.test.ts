/** A crash of Node.js's own is told from ours, and hides nothing of ours. */
import { deepEqual, equal, match, rejects } from "node:assert/strict";
import type { App } from "../support/app.ts";
import { passUnlessNodeCrashes } from "../support/own-crash.ts";

type End = number | NodeJS.Signals;

/** An application, by how it ends. */
const ending = (end: End) => ({ stop: async () => end, stderr: () => "" }) as unknown as App;

interface Case {
  /** How the application under test ends, start by start; by SIGTERM where it has not crashed. */
  readonly ends: readonly End[];
  readonly bare?: End;
  /** The starts, from 0, after which the row fails. */
  readonly fails?: readonly number[];
}

async function outcome({ ends, bare = "SIGTERM", fails = [] }: Case) {
  let starts = 0;
  const crashes = await passUnlessNodeCrashes({
    start: async () => ending(ends[starts++] ?? "SIGTERM"),
    startBare: async () => ending(bare),
    run: async () => {
      if (fails.includes(starts - 1)) throw new Error("the row fails");
    },
    provoke: async () => {},
  });
  return { starts, crashes };
}

describe("a row under which Node.js may crash", () => {
  it("passes where nothing crashes, and does not ask bare", async () => {
    deepEqual(await outcome({ ends: ["SIGTERM"] }), { starts: 1, crashes: [] });
  });

  it("fails as any row", () => rejects(outcome({ ends: ["SIGTERM"], fails: [0] }), /the row fails/));

  it("fails where the application crashes and bare does not", () =>
    rejects(outcome({ ends: ["SIGSEGV"], fails: [0] }), /crashed with SIGSEGV, and bare ended with SIGTERM/));

  it("fails where bare crashes in another way", () =>
    rejects(outcome({ ends: ["SIGABRT"], bare: "SIGSEGV", fails: [0] }), /SIGABRT, and bare ended with SIGSEGV/));

  it("fails where the application ends by itself, though the row has passed", () =>
    rejects(outcome({ ends: [1] }), /ended with 1/));

  it("is run anew where bare crashes as well, and passes then", async () => {
    const { starts, crashes } = await outcome({ ends: ["SIGSEGV", "SIGTERM"], bare: "SIGSEGV", fails: [0] });
    equal(starts, 2);
    match(crashes.join(), /SIGSEGV/);
  });

  it("is run anew where bare crashes as well, and fails then", () =>
    rejects(outcome({ ends: ["SIGSEGV", "SIGTERM"], bare: "SIGSEGV", fails: [0, 1] }), /the row fails/));

  it("fails where the application crashes each time, whatever bare does", () =>
    rejects(outcome({ ends: ["SIGSEGV", "SIGSEGV", "SIGSEGV"], bare: "SIGSEGV" }), /crashed 3 times out of 3/));
});
