// The types of the public API. The build copies this file into the package as it is, so it imports nothing.
// test/types/public-api.ts proves that it describes what src/index.ts exports.

export interface StartRedOptions {
  /**
   * The variables of docs/configuration.md. Default: `process.env`. An `OTEL_EXPORTER_OTLP_*` that is not given here is taken
   * from there in any case.
   */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export interface RedHandle {
  /**
   * Where the metrics are served, perhaps by another process of the service: `http://localhost:9464/metrics`. Undefined until a
   * server of the application listens.
   */
  readonly url: string | undefined;
  /** Stops measuring and closes the endpoint; the application goes on. Never rejects. */
  shutdown(): Promise<void>;
}

/**
 * Starts measuring the HTTP servers of this process; the second call in a process returns the first one's handle.
 *
 * The endpoint opens when a server of the application listens. Where something fails after that, one line on stderr
 * says so and the application goes on without metrics.
 *
 * @throws ConfigError where a `RED_*` variable has a value that is not accepted
 */
export declare function startRed(options?: StartRedOptions): RedHandle;

/**
 * A `RED_*` variable has a value that is not accepted.
 *
 * The message is one line: the variable, the value (shortened, control characters escaped), what is accepted, the remedy.
 */
export declare class ConfigError extends Error {
  readonly name = "ConfigError";
}
