/**
 * Long work in slices, between which the application has its turn.
 */

/** How long one slice may take, in milliseconds. */
const SLICE_MS = 2;

/**
 * Passes on what it is given, as it comes, and lets the event loop go round whenever a slice is over; what is done with
 * an item counts towards the slice.
 *
 * @param nowMs milliseconds of a monotonic clock
 */
export async function* inSlices<T>(items: Iterable<T>, nowMs: () => number): AsyncGenerator<T, void, undefined> {
  let sliceEndsAtMs = nowMs() + SLICE_MS;
  for (const item of items) {
    yield item;
    if (nowMs() < sliceEndsAtMs) continue;
    await nextTurn();
    sliceEndsAtMs = nowMs() + SLICE_MS;
  }
}

/** Not unref'ed: an idle event loop would not come round for it. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
