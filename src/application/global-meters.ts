/**
 * The application's own OpenTelemetry metrics: its `metrics.getMeter(…)` is given our meter provider, unless there is one.
 *
 * Nothing is registered. The API stamps its globals with the version of whoever registers first and turns all others
 * away: with a copy of another version (Sentry's, of a tracing SDK) the application would lose its tracing. So it is the
 * API's answer to "which provider is there?" that changes, on the copy that the main script has: ours where there is none.
 * Whoever registers one, whenever, has it; what the application has been given by then goes on counting.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import type { MeterProvider, MetricsAPI } from "@opentelemetry/api";
import { onceLoaded, onceLoading } from "../node/loaded-file.ts";
import { registeredByApplication } from "./registered.ts";

const IMPORT_START = "tracing:module.import:start";

const API = "@opentelemetry/api";

/** The application, or another preload, has registered a meter provider. */
export function hasMeterProvider(): boolean {
  return registeredByApplication()?.metrics !== undefined;
}

export interface GlobalMetersOptions {
  readonly provider: MeterProvider;
  /** What Node was started with: a script, perhaps without its extension or a symbolic link, or a folder. */
  readonly mainScript: string;
  /** Takes an exception out of our own code. */
  readonly onFailure: (error: unknown) => void;
}

export class GlobalMeters {
  readonly #provider: MeterProvider;
  readonly #requireFromMain: NodeJS.Require;
  readonly #mainFile: string;
  readonly #onMain: () => void;
  readonly #onImport: (message: unknown) => void;
  readonly #onLoaded: (message?: unknown) => void;
  /** Stops waiting for the main script, and for the copies of the API that it would load. By path. */
  readonly #waiting = new Map<string, () => void>();
  /** The copies of the API that have our provider. */
  readonly #given = new Set<MetricsAPI>();

  constructor({ provider, mainScript, onFailure }: GlobalMetersOptions) {
    this.#provider = provider;
    this.#mainFile = realPath(resolve(mainScript));
    this.#requireFromMain = createRequire(join(this.#mainFile, "/"));
    this.#onMain = guarded(() => this.#waitForCommonJs(), onFailure);
    // what ES modules import statically is not told, but that there are some; a CommonJS copy is told in any case
    this.#onImport = guarded(() => this.#giveToEsModules(), onFailure);
    this.#onLoaded = guarded(() => this.#give(this.#copies().slice(0, 1)), onFailure);
  }

  /** For a preload: as soon as something has loaded the API. */
  giveInTime(): void {
    if (!tellsOfModules()) {
      this.#giveAll();
      return;
    }
    subscribe(IMPORT_START, this.#onImport);
    // another preload may load it, or change how packages are found
    this.#waitForCommonJs();
    this.#waiting.set(this.#mainFile, onceLoading(this.#mainFile, this.#onMain));
  }

  /** For an application that starts us itself. */
  giveNow(): void {
    this.#giveAll();
  }

  stop(): void {
    this.#stopWatching();
    for (const api of this.#given) Reflect.deleteProperty(api, "getMeterProvider");
    this.#given.clear();
  }

  #waitForCommonJs(): void {
    const [path] = this.#copies();
    if (path !== undefined && !this.#waiting.has(path)) this.#waiting.set(path, onceLoaded(path, this.#onLoaded));
  }

  #giveToEsModules(): void {
    unsubscribe(IMPORT_START, this.#onImport);
    this.#waitForCommonJs();
    this.#give(this.#copies().slice(1));
  }

  #giveAll(): void {
    this.#stopWatching();
    this.#give(this.#copies());
  }

  /** Paths of the API as the main script would load it: the CommonJS one first, the one for ES modules where it is another. */
  #copies(): readonly string[] {
    try {
      const path = this.#requireFromMain.resolve(API);
      const forImport = path.replace(/\.cjs$/, ".mjs");
      // where Node lets us load it at once, as they would
      const canBeLoaded = Boolean((process.features as { require_module?: boolean }).require_module);
      return canBeLoaded && forImport !== path && existsSync(forImport) ? [path, forImport] : [path];
    } catch {
      return [];
    }
  }

  #give(paths: readonly string[]): void {
    const provider = this.#provider;
    for (const path of paths) {
      // before 1.3 the API has no metrics
      const api = (this.#requireFromMain(path) as { metrics?: MetricsAPI }).metrics;
      if (api === undefined || this.#given.has(api)) continue;
      const { getMeterProvider } = api;
      // on the object itself, in front of the method of its class
      api.getMeterProvider = () => (hasMeterProvider() ? getMeterProvider.call(api) : provider);
      this.#given.add(api);
    }
  }

  #stopWatching(): void {
    for (const stop of this.#waiting.values()) stop();
    unsubscribe(IMPORT_START, this.#onImport);
  }
}

/** Node 20 does not say what is loaded: there the API, if the application has it, is loaded along with us. */
function tellsOfModules(): boolean {
  return Number.parseInt(process.versions.node, 10) >= 22;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function guarded(take: (message: unknown) => void, onFailure: (error: unknown) => void): (message?: unknown) => void {
  return (message) => {
    try {
      take(message);
    } catch (error) {
      onFailure(error);
    }
  };
}
