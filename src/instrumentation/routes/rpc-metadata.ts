/**
 * The route that another instrumentation has told OpenTelemetry of: `RPCMetadata.route` in the context of the request.
 * https://github.com/open-telemetry/opentelemetry-js/blob/main/packages/opentelemetry-core/src/trace/rpc-metadata.ts
 *
 * The context manager is the application's, registered through its own copy of the API. All copies of a major version
 * share one object, and it is only looked at, never registered with.
 */
import type { Context, ContextManager } from "@opentelemetry/api";
import { getRPCMetadata, RPCType } from "@opentelemetry/core";

/** https://github.com/open-telemetry/opentelemetry-js/blob/main/api/src/internal/global-utils.ts */
const API = Symbol.for("opentelemetry.js.api.1");
type WithApi = { readonly [API]?: { readonly context?: Pick<ContextManager, "active"> } };

/** Hot path (per request of which no framework has told its route). Called where the request's context is the active one. */
export function toldRoute(): string | undefined {
  const manager = (globalThis as WithApi)[API]?.context;
  if (manager === undefined) return undefined;
  try {
    const metadata = getRPCMetadata(manager.active() as Context);
    const route: unknown = metadata?.type === RPCType.HTTP ? metadata.route : undefined;
    return typeof route === "string" && route.startsWith("/") ? route : undefined;
  } catch {
    return undefined; // a context manager of the application's own
  }
}
