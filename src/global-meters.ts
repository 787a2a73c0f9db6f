/**
 * The application's own OpenTelemetry metrics: its `metrics.getMeter(…)` is given our meter provider, unless it has one.
 *
 * It is registered through the `@opentelemetry/api` that the main script resolves, never through a copy of ours: the API
 * stamps its globals with the version of whoever registers first and turns others away, and an application on another
 * version would lose its tracing. It is registered when the main script starts, so that every other preload has had its
 * turn, and only where the API is loaded at all. A provider that comes later, from the application itself, takes over.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { MeterProvider, MetricsAPI } from "@opentelemetry/api";

const REQUIRE_START = "tracing:module.require:start";
const IMPORT_START = "tracing:module.import:start";

const API = "@opentelemetry/api";

/** What the copies of the API share. https://github.com/open-telemetry/opentelemetry-js/blob/main/api/src/internal/global-utils.ts */
const SHARED_BY_COPIES = Symbol.for("opentelemetry.js.api.1");
type Shared = { readonly [SHARED_BY_COPIES]?: { readonly metrics?: MeterProvider } };

export interface GlobalMetersOptions {
  readonly provider: MeterProvider;
  /** Path of the script that Node was started with. */
  readonly mainScript: string;
  /** Called once, when the application turns out to have a provider of its own: ours does not get its instruments. */
  readonly onForeign: () => void;
  /** Takes an exception out of our own code. */
  readonly onFailure: (error: unknown) => void;
}

interface Loaded {
  readonly id?: string;
  readonly url?: string | URL;
  /** Null for a preload, undefined for the main script. */
  readonly parentFilename?: string | null;
  readonly parentURL?: string;
}

export class GlobalMeters {
  readonly #options: GlobalMetersOptions;
  readonly #requireFromMain: NodeJS.Require;
  readonly #subscriptions: readonly (readonly [channel: string, take: (message: unknown) => void])[];
  #hasMainStarted = false;
  /** The copies of the API that yield to a provider of the application's. */
  #yielding: MetricsAPI[] = [];

  constructor(options: GlobalMetersOptions) {
    this.#options = options;
    this.#requireFromMain = createRequire(pathToFileURL(options.mainScript));
    this.#subscriptions = [
      [REQUIRE_START, guarded((message) => this.#onRequire(message), options.onFailure)],
      [IMPORT_START, guarded((message) => this.#onImport(message), options.onFailure)],
    ];
  }

  /** For a preload: once the main script starts, as soon as something asks for the API. */
  registerInTime(): void {
    for (const [channel, take] of this.#subscriptions) subscribe(channel, take);
  }

  /** For an application that starts us itself. */
  registerNow(): void {
    this.#hasMainStarted = true;
    this.#register(this.#copies());
  }

  stop(): void {
    this.#stopWatching();
    this.#takeBack();
  }

  #onRequire({ id, parentFilename }: Loaded): void {
    if (parentFilename === undefined) this.#start();
    else if (this.#hasMainStarted && id === API) this.#register(this.#copies().slice(0, 1));
  }

  #onImport({ parentURL, url }: Loaded): void {
    if (parentURL === undefined && url !== undefined && this.#isMain(String(url))) this.#start();
    // what ES modules import statically is not told
    if (this.#hasMainStarted) this.#register(this.#copies());
  }

  #isMain(url: string): boolean {
    const { mainScript } = this.#options;
    return url === pathToFileURL(mainScript).href || url === pathToFileURL(realpathSync(mainScript)).href;
  }

  #start(): void {
    this.#hasMainStarted = true;
    // where the application has no API, nobody is left to ask for meters
    if (this.#copies().length === 0) this.#stopWatching();
  }

  /** Paths of the API as the main script would load it: the CommonJS one first, the one for ES modules where it is another. */
  #copies(): string[] {
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

  #register(paths: readonly string[]): void {
    this.#stopWatching();
    const { provider, onForeign } = this.#options;
    if (registered() !== undefined) {
      onForeign();
      return;
    }
    // before 1.3 the API has no metrics
    const apis = paths.flatMap((path) => (this.#requireFromMain(path) as { metrics?: MetricsAPI }).metrics ?? []);
    if (!apis[0]?.setGlobalMeterProvider(provider)) return;
    this.#yielding = apis;
    for (const api of apis) {
      // on the object itself, in front of the method of its class
      api.setGlobalMeterProvider = (another) => {
        this.#takeBack();
        onForeign();
        return api.setGlobalMeterProvider(another);
      };
    }
  }

  #takeBack(): void {
    for (const api of this.#yielding) Reflect.deleteProperty(api, "setGlobalMeterProvider");
    if (registered() === this.#options.provider) this.#yielding[0]?.disable();
    this.#yielding = [];
  }

  #stopWatching(): void {
    for (const [channel, take] of this.#subscriptions) unsubscribe(channel, take);
  }
}

function guarded(take: (message: Loaded) => void, onFailure: (error: unknown) => void): (message: unknown) => void {
  return (message) => {
    try {
      take(message as Loaded);
    } catch (error) {
      onFailure(error);
    }
  };
}

function registered(): MeterProvider | undefined {
  return (globalThis as Shared)[SHARED_BY_COPIES]?.metrics;
}
