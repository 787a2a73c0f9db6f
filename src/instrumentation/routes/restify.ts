/**
 * Restify 11 and 12 assigns its routes to `req.route`, as Express does, and they are seen there (express/). What is seen
 * here is only that a request is Restify's, whether a route matches or not.
 */
import type { IncomingMessage } from "node:http";
import { inFlightOf } from "../http/connection.ts";
import type { Framework, Observation } from "./framework.ts";
import { RouteSource, reportRoute } from "./route.ts";
import { onCall, prototypeOf, type Undo } from "./wrapped-method.ts";

export const restify: Framework = {
  files: [{ package: "restify", file: "lib/server.js", format: "commonjs", observe }],
};

function observe(Server: unknown, { onFailure }: Observation): Undo {
  return onCall(
    prototypeOf(Server),
    "_setupRequest",
    (_server, [incoming]) => {
      const request = incoming ? inFlightOf(incoming as IncomingMessage) : undefined;
      if (request !== undefined) reportRoute(request, RouteSource.FRAMEWORK);
    },
    onFailure,
  );
}
