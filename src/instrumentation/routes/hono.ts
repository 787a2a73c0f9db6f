/**
 * Routes of Hono 3 and 4 on @hono/node-server: each handler is registered with its routers together with its route, and
 * a router is filled when the first request comes. So the pairs are seen there, and their handlers wrapped: they are
 * called with the context, which leads to Node's request. https://hono.dev/docs/getting-started/nodejs#access-the-raw-node-js-apis
 *
 * The route's path is whole, with base paths and those of nested applications.
 */
import type { IncomingMessage } from "node:http";
import { inFlightOf } from "../in-flight.ts";
import type { Framework, FrameworkFile, Observation } from "./framework.ts";
import { templatesOf } from "./route-templates.ts";
import { prototypeOf, wrapMethod } from "./wrapped-method.ts";

/** Of middleware, of `app.all()` and of `app.mount()`. */
const ALL = "ALL";

interface HonoRoute {
  readonly method: string;
  readonly path: string;
}
interface HonoContext {
  readonly env?: { readonly incoming?: IncomingMessage };
}
type Handler = (this: unknown, context: HonoContext, ...rest: unknown[]) => unknown;
type Registered = [handler: Handler, route: HonoRoute];

const ROUTERS = ["reg-exp", "trie", "linear", "pattern"];

function filesIn(folder: string): FrameworkFile[] {
  return ROUTERS.map((router) => ({ package: "hono", file: `${folder}/router/${router}-router/router.js`, observe }));
}

export const hono: Framework = { commonJs: filesIn("dist/cjs"), esModules: filesIn("dist") };

function observe(exports: Readonly<Record<string, unknown>>, observation: Observation): () => void {
  const note = noteRoutes(observation);
  const seen = new WeakSet<object>();
  let observed = true;

  /** Changes the pair itself: the router keeps it, and Hono lists its routes from elsewhere. */
  function wrapHandler(registered: Registered): void {
    const [handler, route] = registered;
    registered[0] = function (context, ...rest) {
      if (observed) note(context, route);
      return handler.call(this, context, ...rest);
    };
  }

  const undo = Object.values(exports).map((Router) =>
    wrapMethod(prototypeOf(Router), "add", (add) => {
      return function (this: never, ...args: never[]) {
        try {
          const registered: unknown = args[2];
          if (isRegistered(registered) && !seen.has(registered)) {
            seen.add(registered);
            wrapHandler(registered);
          }
        } catch (error) {
          observation.onFailure(error);
        }
        return add.apply(this, args);
      };
    }),
  );
  return () => {
    observed = false;
    for (const each of undo) each();
  };
}

/** As Hono registers it: its routers take whatever they are given, also from others. */
function isRegistered(value: unknown): value is Registered {
  if (!Array.isArray(value)) return false;
  const [handler, route] = value;
  return typeof handler === "function" && typeof route?.path === "string" && typeof route?.method === "string";
}

function noteRoutes({ labelSets, onFailure }: Observation): (context: HonoContext, route: HonoRoute) => void {
  const templates = templatesOf(labelSets);
  /** Hot path (per handler that is called; the last one is the one that answers). */
  return (context, route) => {
    try {
      const incoming = context?.env?.incoming;
      const request = incoming && inFlightOf(incoming);
      if (!request) return;
      request.framework = true;
      if (route.method !== ALL || !route.path.endsWith("*")) request.template = templates(route, route.path);
      else if (!isRoot(route.path)) request.mount = templates(route, route.path);
    } catch (error) {
      onFailure(error);
    }
  };
}

function isRoot(path: string): boolean {
  return path === "*" || path === "/*";
}
