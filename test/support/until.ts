import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 25;

/**
 * Polls until there is a value: for conditions that no event announces.
 *
 * @throws Error that names what was waited for, with the last failure as its cause, once the deadline is past;
 *   an AbortError once the signal is aborted.
 */
export async function until<T>(
  what: string,
  deadlineMs: number,
  poll: () => Promise<T | undefined>,
  signal?: AbortSignal,
): Promise<T> {
  const startedAtMs = performance.now();
  let lastFailure: unknown;
  do {
    try {
      const value = await poll();
      if (value !== undefined) return value;
    } catch (error) {
      lastFailure = error;
    }
    await sleep(POLL_MS, undefined, { signal });
  } while (performance.now() - startedAtMs < deadlineMs);
  throw new Error(`${what}: not within ${deadlineMs / 1000} s`, { cause: lastFailure });
}
