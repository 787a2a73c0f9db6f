/** What every application of test/apps/loading is to show, however it was loaded, bundled or installed. */
import assert from "node:assert/strict";
import type { App } from "./app.ts";
import { series, total } from "./exposition.ts";

/** The application answers, its requests are counted once each under its route, and stderr has the announcement only. */
export async function assertMeasured(app: App, mounts: readonly string[] = [""]): Promise<void> {
  for (const mount of mounts) {
    for (const id of ["1", "2"]) {
      const response = await fetch(`${app.url}${mount}/users/${id}`);
      assert.equal(await response.text(), `user ${id}`, app.stderr());
    }
  }
  const { samples } = await app.scrapeUntil(
    "all are counted",
    ({ samples }) => total(samples, "http_requests_total") >= 2 * mounts.length,
  );
  assert.deepEqual(
    series(samples, "http_requests_total").map(({ labels, value }) => ({ ...labels, value })),
    mounts.map((mount) => {
      return { method: "GET", status_code: "200", path: `${mount}/users/:id`, service: "loading", value: 2 };
    }),
  );
  assert.match(app.stderr(), /^otel-red: metrics are served on \S+\n$/);
}
