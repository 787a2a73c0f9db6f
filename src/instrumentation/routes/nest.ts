/**
 * Routes of NestJS are those of the platform below it, but for one: under a global prefix its Express adapter (12) answers
 * 404 by a route of its own, `router.all("*path")` in a router on the prefix.
 * https://github.com/nestjs/nest/blob/master/packages/platform-express/adapters/express-adapter.ts
 */
import type { IncomingMessage } from "node:http";

const NOT_FOUND_PATH = "*path";

interface RoutedByExpress extends IncomingMessage {
  readonly route?: { readonly path?: unknown; readonly methods?: { readonly _all?: unknown } };
}

/** Whether the route that has answered 404 is Nest's for all that has none. */
export function isNotFoundRoute(request: IncomingMessage): boolean {
  const { route } = request as RoutedByExpress;
  return route?.path === NOT_FOUND_PATH && route.methods?._all === true;
}
