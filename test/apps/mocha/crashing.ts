/** Rows that share an application, two of which have it crash. */
import { equal } from "node:assert/strict";
import { join } from "node:path";
import { startApp } from "../../support/app.ts";
import { sharedApp } from "../../support/shared-app.ts";

describe("shared", () => {
  const args = [join(import.meta.dirname, "crashing.cjs")];
  const app = sharedApp({ start: () => startApp({ args, flags: [], expectsMetrics: false }) });
  const ask = async (path: string) => (await fetch(`${app().url}${path}`)).text();
  const isWell = async () => equal(await ask("/"), "ok");

  it("before", isWell);
  it("crashes", () => ask("/crash"));
  it("between", isWell);
  it("crashes unseen", async () => {
    await ask("/crash").catch(() => {});
    await app().exited;
  });
  it("after", isWell);
});
