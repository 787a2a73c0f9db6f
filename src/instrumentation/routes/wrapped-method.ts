/**
 * One method of a framework's class, wrapped: by its prototype, so that no export is replaced and instances that exist
 * already are observed too.
 */

export type Method = (this: never, ...args: never[]) => unknown;
type Methods = Record<string, unknown>;

/** Undoes what was done; `undefined` where nothing could be done, as there is no such method. */
export type Undo = (() => void) | undefined;

/** Undoes all of them that there are. */
export function undoAll(undos: readonly Undo[]): Undo {
  const done = undos.filter((undo) => undo !== undefined);
  if (done.length === 0) return undefined;
  return () => {
    for (const undo of done) undo();
  };
}

/**
 * Wraps `prototype[name]`, where there is such a method; the wrapper keeps its name and length. Undoing it puts the
 * method back, unless somebody has wrapped it after us: theirs calls ours, which then only passes on.
 *
 * @param wrap makes the wrapper from the method
 */
export function wrapMethod(prototype: object, name: string, wrap: (method: Method) => Method): Undo {
  const original = (prototype as Methods)[name];
  if (typeof original !== "function") return undefined;
  const own = Object.getOwnPropertyDescriptor(prototype, name);
  if (own !== undefined && (!own.writable || !own.configurable)) return undefined;
  const wrapper = wrap(original as Method);
  for (const property of ["name", "length"] as const)
    Object.defineProperty(wrapper, property, { value: original[property], configurable: true });
  Object.defineProperty(prototype, name, {
    value: wrapper,
    configurable: true,
    writable: true,
    enumerable: own?.enumerable ?? false,
  });
  return () => {
    if ((prototype as Methods)[name] !== wrapper) return;
    if (own === undefined) delete (prototype as Methods)[name];
    else Object.defineProperty(prototype, name, own);
  };
}

/** Takes the object that a method was called on, and what it was called with; `result` once it has returned. */
type OnCall = (self: never, args: readonly unknown[]) => void;
type OnReturn = (result: unknown, args: readonly unknown[]) => void;
type OnFailure = (error: unknown) => void;

/** Calls back before each call of the method. What is thrown there goes to `onFailure`, not to the framework. */
export function onCall(prototype: object, name: string, act: OnCall, onFailure: OnFailure): Undo {
  return wrapMethod(
    prototype,
    name,
    (method) =>
      function (this: never, ...args: never[]) {
        try {
          act(this, args);
        } catch (error) {
          onFailure(error);
        }
        return method.apply(this, args);
      },
  );
}

/** Calls back after each call of the method, with what it gives. What is thrown there goes to `onFailure`. */
export function onReturn(prototype: object, name: string, act: OnReturn, onFailure: OnFailure): Undo {
  return wrapMethod(
    prototype,
    name,
    (method) =>
      function (this: never, ...args: never[]) {
        const result = method.apply(this, args);
        try {
          act(result, args);
        } catch (error) {
          onFailure(error);
        }
        return result;
      },
  );
}

/** Calls back with the object whose getter is asked, where there is such a getter. What is thrown goes to `onFailure`. */
export function onGet(prototype: object, name: string, act: (self: never) => void, onFailure: OnFailure): Undo {
  const own = Object.getOwnPropertyDescriptor(prototype, name);
  const { get, configurable } = own ?? {};
  if (own === undefined || get === undefined || configurable !== true) return undefined;
  let observed = true;
  Object.defineProperty(prototype, name, {
    ...own,
    get(this: never) {
      if (observed) {
        try {
          act(this);
        } catch (error) {
          onFailure(error);
        }
      }
      return get.call(this);
    },
  });
  return () => {
    observed = false;
  };
}

/** Calls back with the object whose setter is called, after it, where there is such a setter. What is thrown goes to `onFailure`. */
export function onSet(prototype: object, name: string, act: (self: never) => void, onFailure: OnFailure): Undo {
  const own = Object.getOwnPropertyDescriptor(prototype, name);
  const { set, configurable } = own ?? {};
  if (own === undefined || set === undefined || configurable !== true) return undefined;
  let observed = true;
  Object.defineProperty(prototype, name, {
    ...own,
    set(this: never, value: unknown) {
      set.call(this, value);
      if (!observed) return;
      try {
        act(this);
      } catch (error) {
        onFailure(error);
      }
    },
  });
  return () => {
    observed = false;
  };
}

/** The prototype of what is expected to be a class; an empty object where it is none. */
export function prototypeOf(exported: unknown): object {
  const prototype: unknown = typeof exported === "function" ? exported.prototype : undefined;
  return typeof prototype === "object" && prototype !== null ? prototype : {};
}
