/**
 * Whether something was counted since the last time that somebody asked. A process that shares its counts with others sends
 * them some time after a change, and nothing while it is idle.
 */

/** One for each process or thread. All that count mark it; nobody takes from it in a process of its own. */
export class Changes {
  /** True from the first change on, until `areTaken`. */
  isPending = true;
  #isRecorded = false;
  #onFirst: () => void = () => {};

  /** Hot path (per request): one flag is tested. */
  mark(): void {
    if (!this.isPending) this.#begin();
  }

  /** As `mark`, for a measurement of an instrument of the SDK. */
  markRecorded(): void {
    this.#isRecorded = true;
    this.mark();
  }

  /** Whether instruments have recorded since the last call. To collect them takes longer than all the rest. */
  takeRecorded(): boolean {
    const isRecorded = this.#isRecorded;
    this.#isRecorded = false;
    return isRecorded;
  }

  #begin(): void {
    this.isPending = true;
    this.#onFirst();
  }

  /** From now on the next change calls back, once. @param onFirst it may not throw */
  areTaken(onFirst: () => void): void {
    this.#onFirst = onFirst;
    this.isPending = false;
  }

  /** Nobody is interested any more. */
  ignore(): void {
    this.isPending = true;
    this.#onFirst = () => {};
  }
}
