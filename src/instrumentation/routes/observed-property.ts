/**
 * A property that an application or its framework assigns to an object, observed by an accessor on the prototype that all such
 * objects share.
 */

/** Marks our accessors: one that was left behind is replaced when we start again. */
const OURS = Symbol.for("otel-red.accessor");

/**
 * Must not be felt: `undefined` until assigned, afterwards what was assigned, also after we have stood aside, and
 * replaceable. An application that has defined such a property itself keeps its own.
 *
 * @param slot where an object keeps the value. A symbol, so that `Object.create(object)` inherits it as it would a property; of
 *   the registry, so that it is read back whichever copy of us has kept it there
 * @returns a function that stops observing. The accessor stays: objects under way keep reading by it
 */
export function observeProperty(
  prototype: object,
  name: string,
  slot: symbol,
  onAssigned: (this: never, value: unknown) => void,
): () => void {
  const existing = Object.getOwnPropertyDescriptor(prototype, name)?.get;
  if (name in prototype && !(existing !== undefined && OURS in existing)) return () => {};
  let observed = true;
  function get(this: Record<symbol, unknown>): unknown {
    return this[slot];
  }
  get[OURS] = true;
  Object.defineProperty(prototype, name, {
    configurable: true,
    enumerable: false,
    get,
    set(this: Record<symbol, unknown>, value: unknown) {
      try {
        this[slot] = value;
      } catch {
        return; // a request that the application has frozen
      }
      if (observed) onAssigned.call(this as never, value);
    },
  });
  return () => {
    observed = false;
  };
}
