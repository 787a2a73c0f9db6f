/**
 * Routes of Fastify 4 and 5: each instance is handed over as it is made, and a hook of ours runs before any other.
 * https://fastify.dev/docs/latest/Reference/Hooks/#diagnostics-channel-hooks
 *
 * What Fastify answers before its hooks (a URL that cannot be decoded, 503 while it closes) shows no route; that it was
 * Fastify's is told by the server's listener.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import type { LabelPath, LabelSets } from "../../view/label-sets.ts";
import { inFlightOf } from "../http/connection.ts";
import { markFrameworkListener } from "../http/server-seen.ts";
import type { Framework, Observation, Observer } from "./framework.ts";
import { RouteSource, reportRoute } from "./route.ts";

const INITIALIZATION = "fastify.initialization";

/** What is read of a request; a version that we do not know may lack any of it. */
interface FastifyRequest {
  readonly raw?: IncomingMessage;
  /** From 4.10 on; no url where no route matched. */
  readonly routeOptions?: { readonly url?: string | undefined };
  /** Before 4.10. */
  readonly routerPath?: string | undefined;
}

interface FastifyInstance {
  readonly version?: string;
  addHook?(name: "onRequest", hook: (request: FastifyRequest, reply: unknown, done: () => void) => void): unknown;
  /** The request listener of the instance's servers. */
  readonly routing?: (...args: never) => unknown;
}

/** Versions whose requests are known to show their route, so that a request without one had none. */
const KNOWN_VERSION = /^[45]\./;

export const fastify: Framework = { observe };

function observe({ labelSets, onUnknown, onFailure }: Observation): Observer {
  let observed = true;

  function onInitialization(message: unknown): void {
    try {
      const { fastify } = message as { fastify?: FastifyInstance };
      if (typeof fastify?.addHook !== "function") return;
      const templates = new FastifyTemplates(labelSets, () =>
        onUnknown(
          `fastify ${fastify.version} does not show the routes of its requests, and paths are normalised. ` +
            "Take a version that otel-red has been tested with, or give the patterns of its paths in RED_PATH_PATTERNS",
        ),
      );
      // named: `printRoutes({ includeHooks: true })` shows it
      fastify.addHook("onRequest", function otelRed(request, _reply, done) {
        if (observed) {
          try {
            report(request, templates);
          } catch (error) {
            onFailure(error);
          }
        }
        done();
      });
      if (KNOWN_VERSION.test(String(fastify.version)) && typeof fastify.routing === "function")
        markFrameworkListener(fastify.routing);
    } catch (error) {
      onFailure(error);
    }
  }

  subscribe(INITIALIZATION, onInitialization);
  return {
    remove() {
      observed = false;
      unsubscribe(INITIALIZATION, onInitialization);
    },
  };
}

/** Hot path (per request). */
function report(request: FastifyRequest, templates: FastifyTemplates): void {
  const inFlight = request.raw && inFlightOf(request.raw);
  if (inFlight === undefined) return; // of `inject()`, or excluded
  const template = templates.of(request);
  if (template === UNKNOWN) return;
  if (template === NO_ROUTE) reportRoute(inFlight, RouteSource.FRAMEWORK);
  else reportRoute(inFlight, RouteSource.ROUTE, template);
}

/** The request is one of a not-found handler. */
const NO_ROUTE = Symbol("no route");
/** The request shows nothing of routes. */
const UNKNOWN = Symbol("unknown");

type Template = LabelPath | typeof NO_ROUTE | typeof UNKNOWN;

/** The route context that every request carries: one object a route, and the same one for all its requests. */
const CONTEXT = "fastify.context";
type Contextual = Readonly<Record<symbol, object | undefined>>;

/**
 * The templates of one Fastify instance.
 *
 * `request.routeOptions` builds its object at every access, 1.5 µs of a request of Fastify 4. So it is asked once for each
 * route context, and the answer kept with that. The context is internal: where it is not found, every request asks.
 */
class FastifyTemplates {
  readonly #labelSets: LabelSets;
  readonly #byContext = new WeakMap<object, Template>();
  /** Each copy of Fastify has its own symbol. `null` once it was looked for in vain. */
  #context: symbol | null | undefined;
  #onUnknown: (() => void) | undefined;

  constructor(labelSets: LabelSets, onUnknown: () => void) {
    this.#labelSets = labelSets;
    this.#onUnknown = onUnknown;
  }

  /** Hot path (per request). */
  of(request: FastifyRequest): Template {
    if (this.#context === undefined) this.#context = contextSymbol(request);
    const context = this.#context === null ? undefined : (request as Contextual)[this.#context];
    return (context && this.#byContext.get(context)) ?? this.#ask(request, context);
  }

  #ask(request: FastifyRequest, context: object | undefined): Template {
    const template = this.#template(request);
    if (context !== undefined) this.#byContext.set(context, template);
    return template;
  }

  #template(request: FastifyRequest): Template {
    const { routeOptions } = request;
    if (routeOptions === undefined && !("routerPath" in request)) {
      this.#onUnknown?.();
      this.#onUnknown = undefined;
      return UNKNOWN;
    }
    // `routerPath` is not to be touched where it is not needed: later versions print a deprecation warning
    const url = routeOptions === undefined ? request.routerPath : routeOptions.url;
    return typeof url === "string" ? this.#labelSets.template(url) : NO_ROUTE;
  }
}

function contextSymbol(request: object): symbol | null {
  const symbol = Object.getOwnPropertySymbols(request).find(({ description }) => description === CONTEXT);
  return symbol !== undefined && (request as Contextual)[symbol] instanceof Object ? symbol : null;
}
