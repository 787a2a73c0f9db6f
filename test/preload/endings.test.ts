/**
 * How a request can end: one row for each way, with the series in which it must be found. The same table for both
 * instrumentations; `TEST_NODE` names another Node for the application.
 */
import assert from "node:assert/strict";
import { INSTRUMENTATIONS, startApp } from "../support/app.ts";
import { SENT, THROWN } from "../support/books/endings/answered.ts";
import { ANSWERED_BY_NODE, CLOSED } from "../support/books/endings/by-the-server.ts";
import { ABORTED_BEFORE_HEAD, ABORTED_IN_MID_BODY } from "../support/books/endings/cut.ts";
import { GIVEN_UP, NOT_BLAMED } from "../support/books/endings/given-up.ts";
import type { Row } from "../support/books/endings/row.ts";
import { activeRequests, assertIdentities, assertMonotonic } from "../support/books/identities.ts";
import { Stages } from "../support/books/stages.ts";
import { Wire } from "../support/books/wire.ts";
import { type Exposition, series, total } from "../support/exposition.ts";
import { countedSince, portOf } from "../support/route-table.ts";
import { sharedApp } from "../support/shared-app.ts";

const GROUPS: Readonly<Record<string, readonly Row[]>> = {
  "the answer is sent": SENT,
  "the handler throws": THROWN,
  "nothing is sent": ABORTED_BEFORE_HEAD,
  "the server gives up": GIVEN_UP,
  "the server gives up, and a client may be why": NOT_BLAMED,
  "part of the answer is sent": ABORTED_IN_MID_BODY,
  "Node itself answers": ANSWERED_BY_NODE,
  "the server closes": CLOSED,
};

/** `<method> <path>`: requests aborted between the scrapes. */
function abortedSince(before: Exposition, after: Exposition): Record<string, number> {
  const entries = series(after.samples, "http_requests_aborted_total").map(({ labels, value }) => {
    const more = value - total(before.samples, "http_requests_aborted_total", labels);
    return [`${labels.method} ${labels.path}`, more] as const;
  });
  return Object.fromEntries(entries.filter(([, more]) => more !== 0));
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

for (const instrumentation of INSTRUMENTATIONS) {
  describe(`endings, ${instrumentation}`, () => {
    let stages: Stages | undefined;
    let expected: number;

    const app = sharedApp({
      async start() {
        stages?.close();
        expected = 0;
        const started = await startApp({
          args: ["test/apps/endings/endings.js"],
          env: { RED_HTTP_INSTRUMENTATION: instrumentation },
          ...(process.env.TEST_NODE && { node: process.env.TEST_NODE }),
        });
        stages = await Stages.connect(portOf(started, "orders"));
        return started;
      },
    });
    after(() => stages?.close());

    for (const [group, rows] of Object.entries(GROUPS)) {
      describe(group, () => {
        for (const row of rows) it(row.ending, () => test(row));
      });
    }

    describe("in all", () => {
      it("each request once", async () => {
        const { samples } = await app().scrape();
        assert.equal(total(samples, "http_requests_total"), expected);
      });

      it("nothing on stderr about itself", () => {
        const { stderr, metricsUrl } = app();
        assert.equal(stderr(), `otel-red: metrics are served on ${metricsUrl}\n`);
      });
    });

    async function test({ run, counted, aborted = {} }: Row): Promise<void> {
      assert.ok(stages);
      const { scrape, scrapeUntil } = app();
      const wires: Wire[] = [];
      const opened = (wire: Wire) => {
        wires.push(wire);
        return wire;
      };
      const before = await scrape();
      const ended = total(before.samples, "http_requests_total") + sumOf(counted);
      let scraped: Exposition;
      try {
        await run({
          stages,
          open: async (server) => opened(await Wire.open(portOf(app(), server))),
          openSecurely: async () => opened(await Wire.openSecurely(portOf(app(), "secure"))),
          scrapeWithActive: (active) =>
            scrapeUntil(`${active} requests are in flight`, (exposition) => activeRequests(exposition) === active),
        });
        scraped = await scrapeUntil(
          "as many requests have ended",
          (exposition) => total(exposition.samples, "http_requests_total") >= ended,
        );
      } finally {
        await Promise.all(wires.map((wire) => wire.leave()));
      }
      assert.deepEqual(
        { counted: countedSince(before, scraped), aborted: abortedSince(before, scraped) },
        { counted, aborted },
      );
      expected += sumOf(counted);
      assert.equal(activeRequests(scraped), 0);
      assertIdentities(scraped);
      assertMonotonic(before, scraped);
    }
  });
}
