/**
 * HTTP/2: a client resets a stream under `respondWithFile`. Node.js before 26 crashes there itself, bare after some hundred
 * resets, so these rows have an application of their own each.
 */
import { join } from "node:path";
import { type App, REPOSITORY } from "../support/app.ts";
import { assertAccount } from "../support/books/account.ts";
import { forEachRuntime } from "../support/everywhere.ts";
import { Http2Client } from "../support/http2-client.ts";
import { passUnlessNodeCrashes } from "../support/own-crash.ts";
import { portOf } from "../support/route-table.ts";

const APP = join(REPOSITORY, "test/apps/protocols/http2.mjs");
/** Bare crashes after 60 to 175 of them. */
const PROVOKING_RESETS = 1000;

const open = (app: App) => Http2Client.open(portOf(app, "streams"));

/** Asks for the file, reads nothing of it, and resets the stream. */
async function reset(client: Http2Client): Promise<void> {
  const exchange = client.begin("GET /long-file");
  exchange.stream.pause();
  await Promise.race([new Promise((resolve) => exchange.stream.once("response", resolve)), exchange.closed]);
  await exchange.cancel();
}

async function resetOnce(app: App): Promise<void> {
  const client = await open(app);
  try {
    const account = { counted: { "GET 200 /long-file": 1 }, aborted: { "GET /long-file": 1 } };
    await assertAccount(app, account, () => reset(client));
  } finally {
    client.destroy();
  }
}

async function resetUntilItCrashes(app: App): Promise<void> {
  const client = await open(app);
  for (let i = 0; i < PROVOKING_RESETS && !client.session.destroyed; i++) await reset(client);
  client.destroy();
}

forEachRuntime("HTTP/2, respondWithFile", (start) => {
  it("a reset under it", async () => {
    const crashes = await passUnlessNodeCrashes({
      start: () => start({ args: [APP] }),
      startBare: () => start({ args: [APP], flags: [], expectsMetrics: false }),
      run: resetOnce,
      provoke: resetUntilItCrashes,
    });
    for (const crash of crashes) console.warn(`Node.js itself crashes: ${crash}`);
  });
});
