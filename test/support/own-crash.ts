/**
 * For a row under which Node.js itself can crash. The row has an application of its own, and where that one crashes, a bare
 * application shows whether Node.js crashes without us as well.
 */
import type { App } from "./app.ts";

/** The signals by which a process crashes. */
const CRASHES: readonly unknown[] = ["SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGTRAP"];
/**
 * Node.js crashes once in a hundred times or so. A row that has crashed as often as this in a row is made to crash by us,
 * whatever bare does.
 */
const ATTEMPTS = 3;

export interface CrashProneRow {
  /** The application under test. */
  readonly start: () => Promise<App>;
  /** The same application without the preload. */
  readonly startBare: () => Promise<App>;
  /** Rejects where the application under test is at fault, and where it has crashed. */
  readonly run: (app: App) => Promise<unknown>;
  /** Does the same to the bare application, many times over. Resolves, whether that one has crashed or not. */
  readonly provoke: (bare: App) => Promise<unknown>;
}

/**
 * Resolves once the row has passed. It is run anew after a crash, if the bare application crashes by the same signal: what
 * the row tests is never left out.
 *
 * @returns what there is to say about each crash of Node.js's own
 * @throws Error where the row fails, or the application crashes and the bare one does not, or it crashes each time
 */
export async function passUnlessNodeCrashes(row: CrashProneRow): Promise<string[]> {
  const crashes: string[] = [];
  for (;;) {
    const app = await row.start();
    const failure: unknown = await row.run(app).then(
      () => undefined,
      (error: unknown) => error,
    );
    const end = await app.stop();
    if (!CRASHES.includes(end)) {
      if (failure !== undefined) throw failure;
      if (end !== "SIGTERM") throw new Error(`the application ended with ${end}\n${app.stderr()}`);
      return crashes;
    }
    const bare = await row.startBare();
    await row.provoke(bare);
    const bareEnd = await bare.stop();
    const crash = `the application crashed with ${end}, and bare ended with ${bareEnd}`;
    if (bareEnd !== end) throw new Error(`${crash}\n${app.stderr()}`, { cause: failure });
    crashes.push(crash);
    if (crashes.length === ATTEMPTS) throw new Error(`${crash}, but ours crashed ${ATTEMPTS} times out of ${ATTEMPTS}`);
  }
}
