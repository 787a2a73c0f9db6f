/**
 * Which of the routes that a Koa context has entered answers it. The router only tells which one was entered last.
 *
 * - A route passes the request on if its last handler calls `next` before it has answered. Only handlers that take `next` are
 *   watched, in the router's layer: the stacks of other handlers' errors are as they were.
 * - A handler in a mount (koa-mount) answers if it assigns `ctx.body` or `ctx.status` there. If it throws, the path is as before
 *   when Koa answers.
 */
import { enteredPath } from "./koa-layers.ts";
import { observeProperty } from "./observed-property.ts";
import { onSet, type Undo, undoAll } from "./wrapped-method.ts";

/** What a router and a mount have assigned. */
const ROUTER = Symbol.for("otel-red.koa.router");
const MOUNT_PATH = Symbol.for("otel-red.koa.mountPath");
/** The path of the route that answered and then passed the request on. */
const ANSWERED = Symbol.for("otel-red.koa.answered");
/** The captures of the route that passed the request on. The next one that is entered has others. */
const PASSED_ON = Symbol.for("otel-red.koa.passedOn");
/** What the mount that answered took off the path. */
const MOUNT = Symbol.for("otel-red.koa.mount");

type Path = unknown;
type Next = () => unknown;
type Handler = (this: unknown, context: AnswerContext, next: Next) => unknown;

/** What is known of the answer to a context. */
export interface AnswerContext {
  /** The path of the layer that was entered last (not of old routers), and what it has captured. */
  readonly routerPath?: Path;
  readonly captures?: object;
  readonly body?: unknown;
  readonly status?: number;
  [ANSWERED]?: Path;
  [PASSED_ON]?: object | undefined;
  [MOUNT]?: string | undefined;
}

/** Koa's status while nobody has answered. */
const NOT_FOUND = 404;

interface Layer {
  readonly path: Path;
  readonly methods?: readonly string[];
  readonly stack?: Handler[];
}

type OnFailure = (error: unknown) => void;

/** The path of the layer that answers, as far as it is known by now; `undefined` outside of all routes. */
export function answeringPath(context: AnswerContext): Path | undefined {
  const passedOn = context[PASSED_ON];
  if (passedOn === undefined) return pathOf(context);
  return context[ANSWERED] ?? (passedOn === context.captures ? undefined : pathOf(context));
}

/** The path of the layer that was entered last. */
function pathOf({ routerPath, captures }: AnswerContext): Path | undefined {
  return routerPath ?? enteredPath(captures);
}

/** What the mount that has answered took off the path: `/api`. */
export function answeringMount(context: AnswerContext): string | undefined {
  return context[MOUNT];
}

function notePassedOn(context: AnswerContext, path: Path): void {
  if (pathOf(context) !== path) return;
  context[PASSED_ON] = context.captures;
  if (context.body !== undefined || context.status !== NOT_FOUND) context[ANSWERED] ??= path;
}

/** @param prototype of all contexts */
export function observeRouters(prototype: object, onFailure: OnFailure): Undo {
  /** How many layers of a router have been seen. */
  const seen = new WeakMap<object, number>();
  let observed = true;

  /** Hot path (per router that is asked). A router assigns itself before it puts the handlers of its layers together. */
  function onRouter(this: unknown, router: unknown): void {
    const stack = (router as { readonly stack?: readonly Layer[] } | null | undefined)?.stack;
    if (!Array.isArray(stack)) return;
    const from = seen.get(stack) ?? 0;
    if (from === stack.length) return;
    seen.set(stack, stack.length);
    try {
      for (const layer of stack.slice(from) as Layer[]) watch(layer);
    } catch (error) {
      onFailure(error);
    }
  }

  function watch(layer: Layer): void {
    const { path, methods, stack } = layer;
    const handler = stack?.at(-1);
    // what takes the context alone cannot pass it on
    if (stack === undefined || !methods?.length || typeof handler !== "function" || handler.length === 1) return;
    const watched: Handler = function (context, next) {
      return handler.call(this, context, () => {
        try {
          if (observed) notePassedOn(context, path);
        } catch (error) {
          onFailure(error);
        }
        return next();
      });
    };
    // an application may have put properties of its own on its handler
    stack[stack.length - 1] = Object.setPrototypeOf(
      Object.defineProperties(watched, Object.getOwnPropertyDescriptors(handler)),
      Object.getPrototypeOf(handler),
    );
  }

  const stop = observeProperty(prototype, "router", ROUTER, onRouter);
  return () => {
    observed = false;
    stop();
  };
}

/**
 * @param prototype of all contexts
 * @param mountOf returns what mounts have taken off the path at this time
 */
export function observeMounts<Context extends AnswerContext & { readonly response?: object }>(
  prototype: object,
  mountOf: (context: Context) => string | undefined,
  onFailure: OnFailure,
): Undo {
  const undo: (() => void)[] = [];

  function note({ ctx }: { readonly ctx?: Context }): void {
    if (ctx !== undefined) ctx[MOUNT] = mountOf(ctx);
  }

  /** The first mount that is entered. An application without mounts has its responses as they are. */
  function onMount(this: Context): void {
    if (undo.length > 1 || this.response === undefined) return;
    const responses = prototypeWith(this.response, "body");
    for (const name of ["body", "status"]) undo.push(onSet(responses, name, note, onFailure) ?? (() => {}));
  }

  undo.push(observeProperty(prototype, "mountPath", MOUNT_PATH, onMount));
  return undoAll(undo);
}

/** The prototype on which a property is defined. */
function prototypeWith(object: object, name: string): object {
  let at: object | null = object;
  while (at !== null && !Object.hasOwn(at, name)) at = Object.getPrototypeOf(at);
  return at ?? object;
}
