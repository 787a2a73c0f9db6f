/** One application for all rows of a suite. After a crash the next row gets a fresh one, and no crash goes unreported. */
import { setTimeout as sleep } from "node:timers/promises";
import type { App } from "./app.ts";

/** A row may fail some moments before the process that crashed under it is gone. */
const DYING_MS = 500;

export interface SharedOptions {
  /** Starts the application, and sets what the suite remembers of it back to the beginning. */
  readonly start: () => Promise<App>;
  /** The time in which it starts, where that is more than a test's. */
  readonly startMs?: number | undefined;
}

/**
 * Declares the hooks that start and stop the application.
 *
 * The row during which the application crashes fails by itself. If that row passes all the same, the last hook fails.
 *
 * @returns the application that runs now; it is there once the tests run
 */
export function sharedApp({ start, startMs }: SharedOptions): () => App {
  let app: App | undefined;
  let lastRow: { readonly title: string; readonly hasFailed: boolean } | undefined;
  const unreported: string[] = [];

  const startIfGone = async (context: Mocha.Context) => {
    if (app && endOf(app) === undefined) return;
    if (startMs !== undefined) context.timeout(startMs);
    reportUnlessFailed();
    app = undefined;
    app = await start();
  };
  const reportUnlessFailed = () => {
    if (app && !lastRow?.hasFailed)
      unreported.push(`ended with ${endOf(app)} after "${lastRow?.title ?? "its start"}"\nstderr: ${app.stderr()}`);
  };

  before(function () {
    return startIfGone(this);
  });
  beforeEach(function () {
    return startIfGone(this);
  });
  afterEach(async function () {
    const { title = "", state } = this.currentTest ?? {};
    lastRow = { title, hasFailed: state === "failed" };
    if (app && lastRow.hasFailed) await Promise.race([app.exited, sleep(DYING_MS)]);
  });
  after(async () => {
    if (app && endOf(app) !== undefined) reportUnlessFailed();
    await app?.stop();
    if (unreported.length > 0) throw new Error(`the application crashed: ${unreported.join("\n")}`);
  });

  return () => {
    if (app === undefined) throw new Error("the application has not started");
    return app;
  };
}

/** Its exit code or signal; undefined while it runs. */
function endOf({ process: { exitCode, signalCode } }: App): number | NodeJS.Signals | undefined {
  return signalCode ?? exitCode ?? undefined;
}
