/**
 * One scrape's questions to the members: until all have answered, or have had their time.
 *
 * A member whose event loop is stuck says nothing. One that waits for an observable instrument has said that it is alive.
 */

/** How long, in milliseconds, a member may say nothing. */
const SILENT_FOR_MS = 400;

export class ScrapeRound {
  readonly #unheard: Set<string>;
  readonly #unanswered: Set<string>;
  #done: () => void = () => {};
  readonly done: Promise<void>;

  /**
   * @param ids of those that are asked
   * @param timeoutMs how long their instruments may take
   * @param onSilent takes those that have said nothing
   */
  constructor(ids: readonly string[], timeoutMs: number, onSilent: (id: string) => void) {
    this.#unheard = new Set(ids);
    this.#unanswered = new Set(ids);
    this.done = new Promise((resolve) => {
      this.#done = resolve;
    });
    if (ids.length === 0) this.#done();
    // this process may have been stuck itself: then the answers are there already, and are read before the check
    const later = (ms: number, check: () => void) => setTimeout(() => setImmediate(check), ms).unref();
    const silent = later(SILENT_FOR_MS, () => {
      for (const id of this.#unheard) {
        onSilent(id);
        this.answered(id);
      }
    });
    const late = later(timeoutMs, () => this.#done());
    void this.done.then(() => {
      clearTimeout(silent);
      clearTimeout(late);
    });
  }

  alive(id: string): void {
    this.#unheard.delete(id);
  }

  /** Also of one that has gone. */
  answered(id: string): void {
    this.#unheard.delete(id);
    this.#unanswered.delete(id);
    if (this.#unanswered.size === 0) this.#done();
  }
}
