/**
 * The instrumentation that the configuration asks for, with the routes that it labels requests by. It begins when the process
 * starts, and once more if the configuration has changed before the first server listens.
 */
import type { AsyncResource } from "node:async_hooks";
import type { IAttributesProcessor } from "@opentelemetry/sdk-metrics";
import { quickPatterns } from "../config/quick-patterns.ts";
import type { RedConfig } from "../config/red-config.ts";
import { isWritten, type Log } from "../log/log.ts";
import { unseenBuiltin } from "../node/unseen-builtin.ts";
import type { Changes } from "../view/changes.ts";
import { LabelSets } from "../view/label-sets.ts";
import { type RedView, redView } from "../view/red.ts";
import { ExcludedPaths } from "./http/excluded-paths.ts";
import { Exemplars } from "./http/exemplars.ts";
import { ServerRequests } from "./http/server-requests.ts";
import { LightInstrumentation, type MeasuredRequests, type RedInstrumentation } from "./light.ts";
import { ObservedRoutes } from "./routes/observed-routes.ts";

export interface MeasuringOptions {
  /** As of now. */
  readonly config: () => RedConfig;
  readonly log: Log;
  /** Milliseconds of a monotonic clock. */
  readonly nowMs: () => number;
  /** What is done later belongs to no request of the application. */
  readonly outside: AsyncResource;
  /** Marked by each request that is counted. */
  readonly changes: Changes;
  /** The label budget is spent. */
  readonly onOverflow: () => void;
  /** Takes an exception out of our own code. */
  readonly onFailure: (error: unknown) => void;
}

export class Measuring {
  readonly #options: MeasuringOptions;
  readonly #labelSets: LabelSets;
  readonly #routes: ObservedRoutes;
  #view: RedView | undefined;
  #arePatternsUsed = false;
  #instrumentation: RedInstrumentation | undefined;
  #begin: (() => RedInstrumentation) | undefined;
  #stopped = false;
  /** Settled once requests are measured; with `stock` a moment after the start. */
  readonly begun: Promise<void>;

  constructor(options: MeasuringOptions) {
    const { config, log, changes, onOverflow, onFailure } = options;
    this.#options = options;
    const labels: IAttributesProcessor = {
      process: (attributes) => (this.#view as RedView).attributesProcessors[0].process(attributes),
    };
    this.#labelSets = new LabelSets(config().maxLabelSets, labels, onOverflow, changes);
    this.#routes = new ObservedRoutes({
      labelSets: this.#labelSets,
      onUnknown: (message) => log.info(message),
      onFirstNormalized: () => this.#tellUnseen(),
      onFailure,
    });
    this.begun = this.#start();
  }

  /** @throws before it has begun */
  get instrumentation(): RedInstrumentation {
    if (this.#instrumentation === undefined) throw new Error("nothing is measured yet");
    return this.#instrumentation;
  }

  /** Takes RED_PATH_PATTERNS, once. A process that never listens is spared the check of its patterns. */
  usePatterns(): void {
    if (this.#arePatternsUsed) return;
    this.#arePatternsUsed = true;
    const { config, log, nowMs } = this.#options;
    this.#routes.usePatterns(quickPatterns(config().pathPatterns, nowMs, (why) => log.warn(why)));
  }

  /** Begins to measure once more, as the configuration says by now. */
  beginAnew(): void {
    if (this.#begin === undefined) return;
    this.#instrumentation?.disable();
    this.#instrumentation = this.#begin();
  }

  stop(): void {
    this.#stopped = true;
    this.#routes.remove();
    this.#instrumentation?.disable();
  }

  async #start(): Promise<void> {
    const Stock =
      this.#options.config().instrumentation === "stock"
        ? (await import("./stock.ts")).StockInstrumentation
        : undefined;
    this.#begin = () => {
      const view = this.#useView();
      const options = this.#measuredRequests();
      const begun = Stock ? new Stock(view, options, ServerRequests) : new LightInstrumentation(view, options);
      if (!this.#stopped) begun.enable();
      return begun;
    };
    this.#instrumentation = this.#begin();
  }

  #useView(): RedView {
    const config = this.#options.config();
    this.#view = redView({ ...config, service: config.serviceName });
    this.#labelSets.limit = config.maxLabelSets;
    return this.#view;
  }

  #measuredRequests(): MeasuredRequests {
    const { nowMs, onFailure } = this.#options;
    const { excludePaths, durationBuckets, exemplarFilter } = this.#options.config();
    const routes = this.#routes;
    return {
      labelSets: this.#labelSets,
      pathLabels: routes.pathLabels,
      excludedPaths: new ExcludedPaths(excludePaths),
      exemplars: new Exemplars(durationBuckets, exemplarFilter),
      now: nowMs,
      onFirstRequest: () => routes.observeRequests(unseenBuiltin("http").IncomingMessage.prototype),
      onFirstSession: () => routes.observeRequests(unseenBuiltin("http2").Http2ServerRequest.prototype),
      onFailure,
    };
  }

  /** It has to look into files, so nobody is told who has not asked to be. */
  #tellUnseen(): void {
    const { config, log, outside, onFailure } = this.#options;
    if (!isWritten("info", config().logLevel)) return;
    void outside.runInAsyncScope(async () => {
      try {
        for (const message of await this.#routes.unseen()) log.info(message);
      } catch (error) {
        onFailure(error);
      }
    });
  }
}
