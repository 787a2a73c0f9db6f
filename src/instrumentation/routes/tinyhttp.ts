/**
 * tinyhttp 2 and 3: its applications are bound to their handlers before we come, so their routes are not seen. With its setting
 * `enableReqRoute` it assigns what handles a request to `req.route`, as Express does. https://tinyhttp.v1rtl.site/docs#settings
 */

import type { Framework } from "./framework.ts";
import { onReturn, prototypeOf } from "./wrapped-method.ts";

/** A route, or middleware. */
interface TinyhttpLayer {
  readonly type: "route" | "mw";
  /** Missing where nothing has matched. */
  readonly regex?: unknown;
}

export const tinyhttp: Framework = {
  files: [
    {
      package: "@tinyhttp/app",
      file: "dist/index.js",
      format: "module",
      // nothing to observe; whether it is the class that we know
      observe: ({ App }, { onFailure }) => onReturn(prototypeOf(App), "enabled", () => {}, onFailure),
      unseen:
        "tinyhttp shows its routes with new App({ settings: { enableReqRoute: true } }) only, " +
        "and those of mounted applications not at all: without, paths are normalised",
    },
  ],
};

/**
 * Hot path (per assignment to `req.route`). Whether tinyhttp has assigned something that is no whole route: middleware, its answer
 * to what has no route, or a route of a mounted application, which lacks the path of the mount.
 */
export function isPartOfTinyhttp(assigned: object, url: string | undefined, target: string): boolean {
  const { type, regex } = assigned as Partial<TinyhttpLayer>;
  if (type !== "route" && type !== "mw") return false;
  return type === "mw" || regex === undefined || url !== target;
}
