/**
 * Routes of AdonisJS 6 and 7 (@adonisjs/http-server 7 and 9): the context of a request has its route once one has matched,
 * with the prefixes of groups. https://docs.adonisjs.com/guides/basics/routing
 */
import type { IncomingMessage } from "node:http";
import type { LabelPath } from "../../view/label-sets.ts";
import { inFlightOf } from "../http/connection.ts";
import type { Framework, Observation } from "./framework.ts";
import { RouteSource, reportRoute } from "./route.ts";
import { templatesOf } from "./route-templates.ts";
import { onReturn, prototypeOf, type Undo } from "./wrapped-method.ts";

interface AdonisContext {
  readonly request?: { readonly request?: IncomingMessage };
  readonly route?: { readonly pattern?: unknown };
}

export const adonisjs: Framework = {
  files: [{ package: "@adonisjs/http-server", file: "build/index.js", format: "module", observe }],
};

function observe({ Server }: Readonly<Record<string, unknown>>, { labelSets, onFailure }: Observation): Undo {
  const templates = templatesOf(labelSets);

  /** Hot path (per request). */
  function read(state: object): LabelPath | undefined {
    const { route } = state as AdonisContext;
    return typeof route?.pattern === "string" ? templates(route, route.pattern) : undefined;
  }

  return onReturn(
    prototypeOf(Server),
    "createHttpContext",
    (context) => {
      const incoming = (context as AdonisContext | undefined)?.request?.request;
      const request = incoming && inFlightOf(incoming);
      if (request !== undefined) reportRoute(request, RouteSource.ROUTE, read, context as object);
    },
    onFailure,
  );
}
