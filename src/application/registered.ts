/**
 * What the application has registered with OpenTelemetry's API, by whatever copy of it.
 *
 * All copies of a major version share one object. Our own copy would turn away what an older one has registered, and must
 * register nothing itself, so the object is looked at directly.
 * https://github.com/open-telemetry/opentelemetry-js/blob/main/api/src/internal/global-utils.ts
 */
import type { ContextManager, MeterProvider } from "@opentelemetry/api";

const SHARED_BY_COPIES = Symbol.for("opentelemetry.js.api.1");

interface Registered {
  readonly context?: ContextManager;
  readonly metrics?: MeterProvider;
}

/** Undefined where nothing of the process has registered anything. */
export function registeredByApplication(): Registered | undefined {
  return (globalThis as { readonly [SHARED_BY_COPIES]?: Registered })[SHARED_BY_COPIES];
}
