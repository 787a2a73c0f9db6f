/**
 * Routes of hapi 20 and 21: a request of hapi's has its route, with the prefixes of plugins, from its lookup on.
 * https://hapi.dev/api/#-requestroute
 */
import type { IncomingMessage } from "node:http";
import type { LabelPath } from "../../view/label-sets.ts";
import { inFlightOf } from "../http/connection.ts";
import type { Framework, Observation } from "./framework.ts";
import { RouteSource, reportRoute } from "./route.ts";
import { templatesOf } from "./route-templates.ts";
import { onCall, prototypeOf, type Undo } from "./wrapped-method.ts";

interface HapiRequest {
  readonly raw?: { readonly req?: IncomingMessage };
  readonly route?: { readonly method?: string; readonly path?: string };
}

/** The method of hapi's own routes, which answer where none of the application's has matched. */
const SPECIAL = "_special";

export const hapi: Framework = {
  files: [{ package: "@hapi/hapi", file: "lib/request.js", format: "commonjs", observe }],
  bundle: { name: "@hapi/hapi", marks: [/["'`]Cannot start server before plugins finished registration/] },
};

function observe(Request: unknown, { labelSets, onFailure }: Observation): Undo {
  const templates = templatesOf(labelSets);

  /** Hot path (per request). */
  function read(state: object): LabelPath | undefined {
    const { route } = state as HapiRequest;
    if (route?.path === undefined || route.method === SPECIAL) return undefined;
    return templates(route, route.path);
  }

  return onCall(
    prototypeOf(Request),
    "_execute",
    (self: HapiRequest) => {
      const request = self?.raw?.req && inFlightOf(self.raw.req);
      if (request !== undefined) reportRoute(request, RouteSource.ROUTE, read, self);
    },
    onFailure,
  );
}
