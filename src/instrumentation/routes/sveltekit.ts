/**
 * Routes of SvelteKit 2 and 3 on @sveltejs/adapter-node, in SvelteKit's own notation (`/products/[slug]`). What it builds is a
 * server without packages: its class and its manifest are found by what the main script imports. SvelteKit reads the id of the
 * route that has matched, and only of that. https://svelte.dev/docs/kit/adapter-node
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { IncomingMessage } from "node:http";
import { mainScriptFile } from "../../config/main-script.ts";
import { onceServer } from "../../node/listening.ts";
import { inFlightOf } from "../http/connection.ts";
import { importedExports } from "./built-files.ts";
import type { Framework, Observation, Observer } from "./framework.ts";
import { RouteSource, reportRoute } from "./route.ts";
import { type Method, prototypeOf, type Undo, undoAll, wrapMethod } from "./wrapped-method.ts";

interface KitRoute {
  readonly id: string;
  readonly pattern: RegExp;
}
/** Of version 3; that of version 2 has the same below `_`. */
interface Manifest {
  readonly routes?: readonly KitRoute[];
  readonly _?: Manifest;
}
interface RespondOptions {
  readonly platform?: { readonly req?: IncomingMessage };
}

/** What its entry imports, and what its server and its manifest have, in versions 2 and 3. */
const ENTRY = /["'][^"'\n]*\b(?:handler|adapter-index)\b[^"'\n]*["']/;
const SERVER_OR_MANIFEST = /\basync respond\s*\(|\bpattern:\s*\/|\bset_manifest\b/;

export const sveltekit: Framework = { observe };

function observe(observation: Observation): Observer {
  const undo: Undo[] = [];
  const { stop } = onceServer(() => {
    for (const exported of importedExports(mainScriptFile(), ENTRY, SERVER_OR_MANIFEST))
      undo.push(observeServer(exported, observation), observeManifest(exported, observation));
  }, observation.onFailure);
  return {
    remove() {
      stop();
      undoAll(undo.splice(0))?.();
    },
  };
}

/** The request that SvelteKit is finding the route of: it has a store of its own for each as well. */
const responding = new AsyncLocalStorage<IncomingMessage>();

/** @param exported the server (version 3), or its class (2) */
function observeServer(exported: unknown, { onFailure }: Observation): Undo {
  const server = typeof exported === "object" && exported !== null ? exported : prototypeOf(exported);
  if (!("init" in server)) return undefined;
  return wrapMethod(
    server,
    "respond",
    (respond: Method) =>
      function (this: never, ...args: never[]) {
        const incoming = incomingOf(args[1], onFailure);
        if (incoming === undefined) return respond.apply(this, args);
        return responding.run(incoming, () => respond.apply(this, args));
      },
  );
}

/** Node's request, where it is one that is followed. */
function incomingOf(options: unknown, onFailure: Observation["onFailure"]): IncomingMessage | undefined {
  try {
    const incoming = (options as RespondOptions | undefined)?.platform?.req;
    const request = incoming && inFlightOf(incoming);
    if (request === undefined) return undefined;
    reportRoute(request, RouteSource.FRAMEWORK);
    return incoming;
  } catch (error) {
    onFailure(error);
    return undefined;
  }
}

function observeManifest(exported: unknown, { labelSets }: Observation): Undo {
  const manifest = exported as Manifest | undefined;
  const routes = (manifest?._ ?? manifest)?.routes;
  if (!Array.isArray(routes)) return undefined;
  return undoAll(
    routes.map((route: KitRoute) => {
      const own = Object.getOwnPropertyDescriptor(route, "id");
      if (typeof own?.value !== "string" || own.configurable !== true) return undefined;
      const { value: id } = own;
      const template = labelSets.template(id);
      Object.defineProperty(route, "id", {
        configurable: true,
        enumerable: true,
        get() {
          const incoming = responding.getStore();
          const request = incoming && inFlightOf(incoming);
          // a page may ask for other routes while it is loaded
          if (request !== undefined && request.route.matched === undefined)
            reportRoute(request, RouteSource.ROUTE, template);
          return id;
        },
      });
      return () => Object.defineProperty(route, "id", own);
    }),
  );
}
