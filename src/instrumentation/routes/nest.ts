/**
 * Routes of NestJS are those of the platform below it, but for one: under a global prefix its Express adapter (12) answers
 * 404 by a route of its own, `router.all("*path")` in a router on the prefix.
 * https://github.com/nestjs/nest/blob/master/packages/platform-express/adapters/express-adapter.ts
 */
import type { IncomingMessage } from "node:http";
import type { Framework } from "./framework.ts";
import { RouteSource } from "./route.ts";

const NOT_FOUND_PATH = "*path";

interface RoutedByExpress extends IncomingMessage {
  readonly route?: { readonly path?: unknown; readonly methods?: { readonly _all?: unknown } };
}

/** Whether the route of this request is Nest's for all requests that have none. */
function isNotFoundRoute(request: RoutedByExpress | undefined): boolean {
  const route = request?.route;
  return route?.path === NOT_FOUND_PATH && route.methods?._all === true;
}

export const nest: Framework = {
  observe: ({ labelSets }) => ({
    reader: {
      source: RouteSource.FINAL,
      onlyNotFound: true,
      read: ({ request }) => (isNotFoundRoute(request) ? labelSets.unmatched : undefined),
    },
  }),
};
