/**
 * src/index.d.cts, which users get, describes what src/index.ts exports: `npm run typecheck` fails where they differ.
 *
 * The interfaces need no proof, since the sources import them from the declarations.
 */
import type * as declared from "../../src/index.d.cts";
import type * as exported from "../../src/index.ts";

/** Whether two types are the same, optional and read-only properties included; mutual assignability does not see those. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Everything that can be seen of a class: what it is called with, and what its instances have. */
type ClassOf<C extends abstract new (...args: never) => unknown> = [
  ConstructorParameters<C>,
  { [K in keyof InstanceType<C>]: InstanceType<C>[K] },
];

/** To an ES module, a CommonJS module also has a `default`: all of its exports. */
type Declared = Omit<typeof declared, "default">;

/** Does not compile unless each of the checks holds. */
export type Proven<Checks extends readonly true[]> = Checks;

export type PublicApi = Proven<
  [
    Same<keyof Declared, keyof typeof exported>,
    Same<typeof declared.startRed, typeof exported.startRed>,
    Same<ClassOf<typeof declared.ConfigError>, ClassOf<typeof exported.ConfigError>>,
    Same<declared.RedHandle, exported.RedHandle>,
    Same<declared.StartRedOptions, exported.StartRedOptions>,
  ]
>;

export const asDeclared: Declared = {} as typeof exported;
export const asExported: typeof exported = {} as Declared;
