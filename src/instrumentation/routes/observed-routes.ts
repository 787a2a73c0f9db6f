/**
 * What tells the path labels of requests, put together: the frameworks that are observed, and what stands in for their
 * templates.
 */
import type { LabelSets } from "../../view/label-sets.ts";
import { type ExpressObserver, observeExpress } from "./express/express.ts";
import { ExpressTemplates } from "./express/templates.ts";
import { observeFastify } from "./fastify.ts";
import type { Observation } from "./framework.ts";
import { observeFrameworks } from "./frameworks.ts";
import { PathLabels } from "./path-labels.ts";
import type { PathPattern } from "./plain/normalizer.ts";
import { unseenFrameworks } from "./unseen/unseen-frameworks.ts";

export interface RoutesOptions extends Observation {
  readonly labelSets: LabelSets;
  /** RED_PATH_PATTERNS. */
  readonly patterns: readonly PathPattern[];
  /** Called once, when a request has ended that no framework is known to have had in its hands. */
  readonly onFirstNormalized: () => void;
}

export class Routes {
  readonly pathLabels: PathLabels;
  readonly #expressTemplates: ExpressTemplates;
  readonly #frameworks: ReturnType<typeof observeFrameworks>;
  readonly #observers: Pick<ExpressObserver, "remove">[];
  readonly #onFailure: (error: unknown) => void;
  #onFirstNormalized: (() => void) | undefined;

  /** Observes the frameworks from now on. */
  constructor({ patterns, onFirstNormalized, ...observation }: RoutesOptions) {
    const { labelSets, onFailure } = observation;
    this.#onFailure = onFailure;
    this.#onFirstNormalized = onFirstNormalized;
    this.#expressTemplates = new ExpressTemplates(labelSets);
    this.#frameworks = observeFrameworks(observation);
    this.#observers = [this.#frameworks, observeFastify(observation)];
    this.pathLabels = new PathLabels({
      labelSets,
      patterns,
      expressTemplates: this.#expressTemplates,
      onNormalized: () => this.#onNormalized(),
    });
  }

  /** From now on also Express. @param prototype of all requests of a protocol */
  observeRequests(prototype: object): void {
    this.#observers.push(observeExpress(prototype, this.#expressTemplates, this.#onFailure));
  }

  /** Why the routes of a framework cannot be seen, in words, for each that there is. Looks into the application's files. */
  unseen(): Promise<string[]> {
    return unseenFrameworks(this.#frameworks.unseen());
  }

  /** Stands aside; requests under way are still told their routes. */
  remove(): void {
    for (const observer of this.#observers.splice(0)) observer.remove();
  }

  #onNormalized(): void {
    this.#frameworks.searchAgain();
    this.#onFirstNormalized?.();
    this.#onFirstNormalized = undefined;
  }
}
