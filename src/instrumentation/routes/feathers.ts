/**
 * Routes of Feathers 5 on Express and on Koa: it looks its services up by itself, and leaves in the request which one it
 * has found. The path of a service is its name in the application. https://feathersjs.com/api/application.html#usepath-service--options
 */
import type { LabelPath, LabelSets } from "../../view/label-sets.ts";
import type { Framework } from "./framework.ts";
import { RouteSource } from "./route.ts";

/** An Express request, or a Koa context. */
interface LookedUp {
  readonly app?: { readonly services?: Readonly<Record<string, unknown>> };
  readonly lookup?: { readonly service?: object | null; readonly params?: { readonly __id?: unknown } } | null;
}

/** A service answers on its path, and on that of each of its items. */
interface ServicePaths {
  readonly service: LabelPath;
  readonly item: LabelPath;
}

/** Gives the template of the service that was found for a request, if one was. */
export type FeathersTemplates = (request: object) => LabelPath | undefined;

export function feathersTemplates(labelSets: LabelSets): FeathersTemplates {
  const known = new WeakMap<object, ServicePaths>();

  function learn(service: object, services: Readonly<Record<string, unknown>>): ServicePaths | undefined {
    const name = Object.keys(services).find((name) => services[name] === service);
    if (name === undefined) return undefined;
    const paths = { service: labelSets.template(`/${name}`), item: labelSets.template(`/${name}/:id`) };
    known.set(service, paths);
    return paths;
  }

  /** Hot path (per request that no route of Express's or Koa's has matched). */
  return (request) => {
    const { lookup, app } = request as LookedUp;
    const service = lookup?.service;
    if (typeof service !== "object" || service === null || typeof app?.services !== "object") return undefined;
    const paths = known.get(service) ?? learn(service, app.services);
    return lookup?.params?.__id === undefined ? paths?.service : paths?.item;
  };
}

/** On Express. On Koa the reader of koa.ts asks for the service. */
export const feathers: Framework = {
  observe({ labelSets }) {
    const templates = feathersTemplates(labelSets);
    return {
      reader: {
        source: RouteSource.SERVICE,
        read: ({ request }) => request && templates(request),
      },
    };
  },
};
