/**
 * Which layer of a router a request has entered last, for koa-router 7 and 8 and @koa/router 8: later versions leave its path
 * in the context. Each layer that is entered gives the context a new list of captures, so the list stands for the layer.
 */
import type { Observation } from "./framework.ts";
import { type Method, prototypeOf, type Undo, wrapMethod } from "./wrapped-method.ts";

/** By the lists of captures. */
const entered = new WeakMap<object, { readonly path?: unknown }>();

/** The path of the layer. @param captures of the context */
export function enteredPath(captures: unknown): unknown {
  return Array.isArray(captures) ? entered.get(captures)?.path : undefined;
}

export function observeLayers(Layer: unknown, { onFailure }: Observation): Undo {
  /** Hot path (per layer that is entered). */
  return wrapMethod(
    prototypeOf(Layer),
    "captures",
    (captures: Method) =>
      function (this: never, ...args: never[]) {
        const list = captures.apply(this, args);
        try {
          if (Array.isArray(list)) entered.set(list, this);
        } catch (error) {
          onFailure(error);
        }
        return list;
      },
  );
}
