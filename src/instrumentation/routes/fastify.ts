/**
 * Routes of Fastify 4 and 5: each instance is handed over as it is made, and a hook of ours runs before any other.
 * https://fastify.dev/docs/latest/Reference/Hooks/#diagnostics-channel-hooks
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import type { LabelPath, LabelSets } from "../../view/label-sets.ts";
import { inFlightOf } from "../in-flight.ts";

const INITIALIZATION = "fastify.initialization";

interface FastifyRequest {
  readonly raw: IncomingMessage;
  /** From 4.10 on; no url where no route matched. */
  readonly routeOptions?: { readonly url?: string | undefined };
  /** Before 4.10. */
  readonly routerPath?: string | undefined;
}

interface FastifyInstance {
  addHook(name: "onRequest", hook: (request: FastifyRequest, reply: unknown, done: () => void) => void): unknown;
}

export interface FastifyObserver {
  remove(): void;
}

/** @param onFailure takes an exception out of our own code */
export function observeFastify(labelSets: LabelSets, onFailure: (error: unknown) => void): FastifyObserver {
  let observed = true;
  const paths = new Map<string, LabelPath>();

  /** Hot path (per request). */
  function note(request: FastifyRequest): void {
    const inFlight = inFlightOf(request.raw);
    if (inFlight === undefined) return;
    inFlight.framework = true;
    const url = request.routeOptions === undefined ? request.routerPath : request.routeOptions.url;
    if (url === undefined) return;
    let path = paths.get(url);
    if (path === undefined) {
      path = labelSets.template(url);
      paths.set(url, path);
    }
    inFlight.template = path;
  }

  function onInitialization(message: unknown): void {
    try {
      const { fastify } = message as { fastify: FastifyInstance };
      fastify.addHook("onRequest", (request, _reply, done) => {
        if (observed) {
          try {
            note(request);
          } catch (error) {
            onFailure(error);
          }
        }
        done();
      });
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
