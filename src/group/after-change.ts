/**
 * Calls back some time after something was counted, and not while nothing is.
 *
 * There is one timer, which is started again and again. It does not keep the process alive, and belongs to no request of the
 * application, although a request may start it.
 */
import type { Changes } from "../view/changes.ts";

/** Milliseconds from a change to its message: what a process that is killed may lose, with some time for the system. */
const AFTER_MS = 80;

export class AfterChange {
  readonly #changes: Changes;
  readonly #timer: NodeJS.Timeout;
  #isStarted = false;
  #isStopped = false;

  /** @param onFailure takes what `callback` throws: from a timer it would end the process */
  constructor(changes: Changes, callback: () => void, onFailure: (error: unknown) => void) {
    this.#changes = changes;
    this.#timer = setTimeout(() => {
      if (!this.#isStarted || this.#isStopped) return;
      this.#isStarted = false;
      try {
        callback();
      } catch (error) {
        onFailure(error);
      }
    }, AFTER_MS).unref();
  }

  /** Waits for the next change; what has changed so far is about to be taken. */
  awaitNext(): void {
    if (!this.#isStopped) this.#changes.areTaken(() => this.again());
  }

  /** Calls back once more, although nothing has changed since. */
  again(): void {
    this.#isStarted = true;
    this.#timer.refresh();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#changes.ignore();
  }
}
