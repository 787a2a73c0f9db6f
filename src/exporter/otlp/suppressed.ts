/**
 * Keeps our own requests out of the application's traces.
 *
 * The SDK's reader does so through its copy of the API, which has no say where the application's copy is an older one:
 * https://github.com/open-telemetry/opentelemetry-js/blob/main/api/src/internal/semver.ts
 * The context manager itself is the same object for every copy, so it is asked directly.
 */
import { suppressTracing } from "@opentelemetry/core";
import { registeredByApplication } from "../../application/registered.ts";

export function withTracingSuppressed(run: () => void): void {
  const manager = registeredByApplication()?.context;
  if (manager === undefined) run();
  else manager.with(suppressTracing(manager.active()), run);
}
