/**
 * Nitro 3 bundles h3, but leaves its applications where they can be found, with their class: those after 3.0.0 do.
 * https://nitro.build
 */
import { onceServer } from "../../node/listening.ts";
import type { Framework, Observation, Observer } from "./framework.ts";
import { observeApplications } from "./h3.ts";
import type { Undo } from "./wrapped-method.ts";

/** By name; there is one, `default`, unless it renders pages beforehand. */
interface NitroGlobal {
  readonly __nitro__?: Readonly<Record<string, { readonly h3?: object } | undefined>>;
}

export const nitro: Framework = { observe };

function observe(observation: Observation): Observer {
  const undo: Undo[] = [];
  const { stop } = onceServer(() => {
    for (const app of Object.values((globalThis as NitroGlobal).__nitro__ ?? {}))
      if (app?.h3 !== undefined) undo.push(observeApplications({ H3Core: app.h3.constructor }, observation));
  }, observation.onFailure);
  return {
    remove() {
      stop();
      for (const each of undo.splice(0)) each?.();
    },
  };
}
