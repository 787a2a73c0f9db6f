/**
 * Answers that no route gives: in a mount whatever the status, while it is in flight and when the client has left; outside of any
 * mount by the path, of which there are at most a hundred; files. On a gateway with two mounts, as in test/apps/routes/gateway.cjs.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { INSTRUMENTATIONS, REPOSITORY, startApp } from "../support/app.ts";
import { type Exposition, series, total } from "../support/exposition.ts";
import { RawConnection } from "../support/raw-http.ts";
import { sharedApp } from "../support/shared-app.ts";

const GATEWAY = join(REPOSITORY, "test/apps/routes/gateway.cjs");
const MANY = 150;

const requestsUnder = ({ samples }: Exposition, labels: Readonly<Record<string, string>>) =>
  total(samples, "http_requests_total", labels);

for (const express of ["express4", "express50", "express"])
  for (const instrumentation of INSTRUMENTATIONS)
    describe(`a gateway of ${express}, ${instrumentation}`, () => {
      const app = sharedApp({
        start: () => startApp({ args: [GATEWAY, express], env: { RED_HTTP_INSTRUMENTATION: instrumentation } }),
      });
      const get = async (path: string) => {
        const answer = await fetch(new URL(path, app().url));
        await answer.arrayBuffer();
        return answer.status;
      };

      for (const [mount, label] of [
        ["/orders", "/orders/*"],
        ["/billing/acme", "/billing/:tenant/*"],
      ] as const) {
        for (const status of [200, 204, 304, 404, 409, 429, 502])
          it(`${mount}: an upstream's ${status}`, async () => {
            assert.equal(await get(`${mount}/${status}`), status);
            const labels = { path: label, status_code: String(status) };
            await app().scrapeUntil("it is counted", (now) => requestsUnder(now, labels) === 1);
          });

        it(`${mount}: in flight, and then the client leaves`, async () => {
          const connection = await RawConnection.open(app().port);
          connection.send(`GET ${mount}/hang HTTP/1.1\r\nhost: h\r\n\r\n`);
          const isInFlight = ({ samples }: Exposition) =>
            series(samples, "http_requests_active").some(({ labels, value }) => labels.path === label && value === 1);
          await app().scrapeUntil("it is in flight", isInFlight);
          connection.destroy();
          const labels = { path: label, status_code: "499" };
          await app().scrapeUntil("it is counted", (now) => requestsUnder(now, labels) === 1);
        });
      }

      it("files are /*, and nobody's path is unmatched", async () => {
        assert.deepEqual([await get("/gateway.cjs"), await get("/missing/7")], [200, 404]);
        await app().scrapeUntil(
          "both are counted",
          (now) =>
            requestsUnder(now, { path: "/*", status_code: "200" }) === 1 &&
            requestsUnder(now, { path: "unmatched", status_code: "404" }) === 1,
        );
      });

      it("a page under any path is at most a hundred paths, then /*, and no overflow", async () => {
        for (let i = 0; i < MANY; i++)
          await get(`/page-of-${String.fromCharCode(97 + (i % 26), 97 + Math.floor(i / 26))}`);
        const pages = ({ samples }: Exposition) =>
          series(samples, "http_requests_total").filter(({ labels }) => String(labels.path).startsWith("/page-of-"));
        const exposition = await app().scrapeUntil(
          "all are counted",
          (now) => pages(now).length + requestsUnder(now, { path: "/*", status_code: "200" }) === MANY + 1,
        );
        assert.equal(pages(exposition).length, 100);
        assert.ok(pages(exposition).every(({ value }) => value === 1));
        assert.equal(total(exposition.samples, "otel_red_path_source_total", { source: "other" }), 0);
      });
    });
