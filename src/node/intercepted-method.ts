/**
 * A method of one single object, seen for a while: of the socket of an upgrade until its first bytes, for one. Prototypes
 * stay as they are, and so does the object afterwards.
 */

/**
 * Calls `before` with the arguments of each call, and then the method as it was. What `before` throws gets out, so it must
 * not throw.
 *
 * @returns what takes the method back; where somebody has wrapped it meanwhile, that stays, and `before` is not called
 */
export function interceptMethod(object: object, name: string, before: (args: readonly unknown[]) => void): () => void {
  const own = Object.getOwnPropertyDescriptor(object, name);
  const method: unknown = Reflect.get(object, name);
  if (typeof method !== "function") return () => {};
  let isSeen = true;
  const seen = function (this: unknown, ...args: unknown[]): unknown {
    if (isSeen) before(args);
    return Reflect.apply(method, this, args);
  };
  Object.defineProperty(object, name, { value: seen, configurable: true, enumerable: false, writable: true });
  return () => {
    isSeen = false;
    if (Reflect.get(object, name) !== seen) return;
    if (own === undefined) Reflect.deleteProperty(object, name);
    else Object.defineProperty(object, name, own);
  };
}
