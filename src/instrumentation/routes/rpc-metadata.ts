/**
 * The route that another instrumentation has told OpenTelemetry of: `RPCMetadata.route` in the context of the request.
 * https://github.com/open-telemetry/opentelemetry-js/blob/main/packages/opentelemetry-core/src/trace/rpc-metadata.ts
 */
import { getRPCMetadata, RPCType } from "@opentelemetry/core";
import { registeredByApplication } from "../../application/registered.ts";
import type { Framework } from "./framework.ts";
import { RouteSource } from "./route.ts";

/** Hot path (per request of which no framework has told its route). Called where the request's context is the active one. */
function reportedRoute(): string | undefined {
  const manager = registeredByApplication()?.context;
  if (manager === undefined) return undefined;
  try {
    const metadata = getRPCMetadata(manager.active());
    const route: unknown = metadata?.type === RPCType.HTTP ? metadata.route : undefined;
    return typeof route === "string" && route.startsWith("/") ? route : undefined;
  } catch {
    return undefined; // a context manager of the application's own
  }
}

export const rpcMetadata: Framework = {
  observe: ({ labelSets }) => ({
    reader: {
      source: RouteSource.TELEMETRY,
      read() {
        const route = reportedRoute();
        return route === undefined ? undefined : labelSets.template(route);
      },
    },
  }),
};
