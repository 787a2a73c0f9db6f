/**
 * The public API, for those who would rather start otel-red in code than by the preload.
 */
export { ConfigError } from "./config/red-config.ts";
export { type RedHandle, type StartRedOptions, startRed } from "./start.ts";
