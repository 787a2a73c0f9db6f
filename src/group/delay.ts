/**
 * One timer that is started again and again. It does not keep the process alive, and belongs to no request of the
 * application, although a request may start it.
 */

export class Delay {
  readonly #timer: NodeJS.Timeout;
  #isStarted = false;

  /** @param onFailure takes what `callback` throws: from a timer it would end the process */
  constructor(callback: () => void, ms: number, onFailure: (error: unknown) => void) {
    this.#timer = setTimeout(() => {
      if (!this.#isStarted) return;
      this.#isStarted = false;
      try {
        callback();
      } catch (error) {
        onFailure(error);
      }
    }, ms).unref();
  }

  /** Once more, from now on. Does nothing once it is stopped. */
  start(): void {
    this.#isStarted = true;
    this.#timer.refresh();
  }

  stop(): void {
    this.#isStarted = false;
    clearTimeout(this.#timer);
  }
}
