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
import { join } from "node:path";
import type { MeterProvider, MetricsAPI } from "@opentelemetry/api";
import { onceLoaded } from "../node/loaded-file.ts";
import { registeredByApplication } from "./registered.ts";

const REQUIRE_START = "tracing:module.require:start";
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

interface Required {
  readonly id?: string;
  /** Null for a preload, undefined for the main script. */
  readonly parentFilename?: string | null;
}

export class GlobalMeters {
  readonly #provider: MeterProvider;
  readonly #requireFromMain: NodeJS.Require;
  readonly #onRequire: (message: unknown) => void;
  readonly #onImport: (message: unknown) => void;
  readonly #onLoaded: (message?: unknown) => void;
  #stopWaiting: (() => void) | undefined;
  #found: readonly string[] | undefined;
  /** The copies of the API that have our provider. */
  readonly #given = new Set<MetricsAPI>();

  constructor({ provider, mainScript, onFailure }: GlobalMetersOptions) {
    this.#provider = provider;
    this.#requireFromMain = createRequire(join(realPath(mainScript), "/"));
    this.#onRequire = guarded((message) => this.#onRequired(message as Required), onFailure);
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
    subscribe(REQUIRE_START, this.#onRequire);
    subscribe(IMPORT_START, this.#onImport);
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

  /** Other preloads, which may change how packages are found, have run once the main script is loaded. */
  #onRequired({ id, parentFilename }: Required): void {
    if (id === API || parentFilename === undefined) this.#waitForCommonJs();
  }

  #waitForCommonJs(): void {
    // no longer than it must: see loaded-file.ts
    unsubscribe(REQUIRE_START, this.#onRequire);
    const [path] = this.#copies();
    // where the application has no API, nobody will ask for meters
    if (path === undefined) this.#stopWatching();
    else this.#stopWaiting ??= onceLoaded(path, this.#onLoaded);
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
    this.#found ??= this.#find();
    return this.#found;
  }

  #find(): string[] {
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
    unsubscribe(REQUIRE_START, this.#onRequire);
    this.#stopWaiting?.();
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
