/**
 * Keeps our own requests out of the application's traces.
 *
 * The SDK's reader does so through its copy of the API, which has no say where the application's copy is an older one:
 * https://github.com/open-telemetry/opentelemetry-js/blob/main/api/src/internal/semver.ts
 * The context manager itself is the same object for every copy, so it is asked directly.
 */
import type { ContextManager } from "@opentelemetry/api";
import { suppressTracing } from "@opentelemetry/core";

/** Where every 1.x of `@opentelemetry/api` keeps what is registered. */
const REGISTERED = Symbol.for("opentelemetry.js.api.1");
type Registered = { [REGISTERED]?: { context?: ContextManager } };

export function withTracingSuppressed(run: () => void): void {
  const manager = (globalThis as Registered)[REGISTERED]?.context;
  if (manager === undefined) run();
  else manager.with(suppressTracing(manager.active()), run);
}
