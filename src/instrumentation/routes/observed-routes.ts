/**
 * Observes the frameworks of the process, and labels the paths of its requests.
 */
import { mainScriptFile } from "../../config/main-script.ts";
import type { PathPattern } from "../../config/red-variables.ts";
import { type LoadedModulesObserver, observeLoadedModules } from "../../node/loaded-modules.ts";
import type { PackageFile } from "../../node/package-files.ts";
import type { FrameworkFile, Observation, Observer } from "./framework.ts";
import { FRAMEWORKS } from "./frameworks.ts";
import { PathLabels } from "./path-labels.ts";
import { NormalizedPaths } from "./plain/normalized-paths.ts";
import { unseenFrameworks } from "./unseen/unseen-frameworks.ts";

export interface ObservedRoutesOptions extends Observation {
  /** Called once, when a request has ended that is shown with its normalised path. */
  readonly onFirstNormalized: () => void;
}

const UNKNOWN =
  "of this version is not known, and its requests may be shown with normalised paths. " +
  "Take a version that otel-red has been tested with, or give the patterns of its paths in RED_PATH_PATTERNS";

export class ObservedRoutes {
  readonly pathLabels: PathLabels;
  /** Takes RED_PATH_PATTERNS, before the first request. */
  readonly usePatterns: (patterns: readonly PathPattern[]) => void;
  readonly #observation: Observation;
  readonly #observers: readonly Observer[];
  readonly #modules: LoadedModulesObserver;
  /** Puts back the methods that were wrapped. */
  readonly #undo: (() => void)[] = [];
  /** Why the routes of frameworks that are loaded cannot be seen. */
  readonly #unseen: string[] = [];

  /** Observes from now on. */
  constructor({ onFirstNormalized, ...observation }: ObservedRoutesOptions) {
    this.#observation = observation;
    this.#observers = FRAMEWORKS.flatMap(({ observe }) => observe?.(observation) ?? []);
    const files = FRAMEWORKS.flatMap(({ files = [] }) => files).map((file) => this.#observed(file));
    this.#modules = observeLoadedModules({ files, mainScriptFile, onFailure: observation.onFailure });
    const normalizedPaths = new NormalizedPaths(observation.labelSets);
    this.usePatterns = (patterns) => normalizedPaths.usePatterns(patterns);
    this.pathLabels = new PathLabels({
      labelSets: observation.labelSets,
      normalizedPaths,
      observers: this.#observers,
      onFirstNormalized,
      // an application may load a framework at any time
      onUnrouted: () => this.#modules.searchAgain(),
    });
  }

  /** From now on also what routers assign to requests. @param prototype of all requests of a protocol */
  observeRequests(prototype: object): void {
    for (const { observeRequests } of this.#observers) observeRequests?.(prototype);
  }

  /** Why the routes of a framework cannot be seen, in words, for each that there is. Looks into the application's files. */
  async unseen(): Promise<string[]> {
    const bundles = FRAMEWORKS.flatMap(({ bundle }) => bundle ?? []);
    return [...this.#unseen, ...(await unseenFrameworks(this.#modules.unseen(), bundles))];
  }

  /** Stands aside. The routes of requests under way are still read. */
  remove(): void {
    this.#modules.remove();
    for (const { remove } of this.#observers) remove?.();
    for (const undo of this.#undo.splice(0)) undo();
  }

  #observed({ observe, unseen, ...file }: FrameworkFile): PackageFile {
    return {
      ...file,
      onLoaded: (exports) => {
        if (unseen !== undefined) this.#unseen.push(unseen);
        const undo = observe(exports, this.#observation);
        if (undo !== undefined) this.#undo.push(undo);
        else this.#observation.onUnknown(`${file.package}: ${file.file} ${UNKNOWN}`);
      },
    };
  }
}
