/**
 * Express's internals, as far as they are used. Any property may be missing in a version that we do not know.
 */

type Pattern = string | RegExp;

export interface ExpressLayer {
  readonly handle?: { readonly stack?: readonly ExpressLayer[] };
  readonly route?: unknown;
  /** Express 4. */
  readonly regexp?: RegExp & { readonly fast_slash?: boolean };
  readonly keys?: readonly { readonly name: string | number }[];
  /** router 2. */
  readonly slash?: boolean;
  readonly matchers?: readonly ((path: string) => false | LayerMatch)[];
  /** router 2.3 on. */
  readonly rawPath?: Pattern | readonly Pattern[];
}

export interface LayerMatch {
  readonly path: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface ExpressApp {
  /** Express 4. */
  readonly _router?: { readonly stack?: readonly ExpressLayer[] };
  /** Express 5; in Express 4 a getter that throws. */
  readonly router?: { readonly stack?: readonly ExpressLayer[] };
}

/** An Express route, as opposed to whatever else an application may call `route`. */
export interface ExpressRoute {
  readonly path: string | RegExp | readonly (string | RegExp)[];
  readonly stack?: readonly ExpressLayer[];
  /** By method in lower case; `_all` for all of them. */
  readonly methods?: Readonly<Record<string, boolean>>;
}
