/**
 * The public API, for those who would rather start otel-red in code than by the preload. Its types and their documentation
 * are in index.d.cts.
 */
export { ConfigError } from "./config/red-config.ts";
export type { RedHandle, StartRedOptions } from "./index.d.cts";
export { startRed } from "./start.ts";
