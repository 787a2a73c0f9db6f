/**
 * The templates of routes, remembered with the framework's own route objects: no string is built or looked up again.
 */
import type { LabelPath, LabelSets } from "../../view/label-sets.ts";

/** Gives the template of a route from its path in the framework's notation; a regular expression as it is written. */
export type RouteTemplates = (route: object, path: string | RegExp) => LabelPath;

export function templatesOf(labelSets: LabelSets, base = ""): RouteTemplates {
  const templates = new WeakMap<object, LabelPath>();
  /** Hot path (per request). */
  return (route, path) => {
    const known = templates.get(route);
    if (known !== undefined) return known;
    const own = String(path);
    const template = labelSets.template(base !== "" && own === "/" ? base : base + own || "/");
    templates.set(route, template);
    return template;
  };
}

/** An application that rewrites its paths may make anything look like one of them. */
const MOST_BASES = 100;

/**
 * Gives the templates of routes below a path that was taken away in front of their router (`/api`), which they do not have in
 * their own. Past a hundred such paths they are shown without.
 */
export function templatesBelow(labelSets: LabelSets): (base: string) => RouteTemplates {
  const own = templatesOf(labelSets);
  const bases = new Map<string, RouteTemplates>();

  function learn(base: string): RouteTemplates {
    if (bases.size >= MOST_BASES) return own;
    const templates = templatesOf(labelSets, base);
    bases.set(base, templates);
    return templates;
  }

  /** Hot path (per request). */
  return (base) => (base === "" ? own : (bases.get(base) ?? learn(base)));
}
