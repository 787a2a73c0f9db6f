/**
 * The templates of routes, remembered with the framework's own route objects: no string is built or looked up again.
 */
import type { LabelPath, LabelSets } from "../../view/label-sets.ts";

/** Gives the template of a route from its path in the framework's notation; a regular expression as it is written. */
export type RouteTemplates = (route: object, path: string | RegExp) => LabelPath;

export function templatesOf(labelSets: LabelSets): RouteTemplates {
  const templates = new WeakMap<object, LabelPath>();
  /** Hot path (per request). */
  return (route, path) => {
    const known = templates.get(route);
    if (known !== undefined) return known;
    const template = labelSets.template(String(path) || "/");
    templates.set(route, template);
    return template;
  };
}

/** Remembers them for each path that was taken away in front of a router, under which its routes have other templates. */
export function templatesBelow(labelSets: LabelSets): (base: string) => RouteTemplates {
  const below = new Map<string, RouteTemplates>();
  /** Hot path (per request). */
  return (base) => {
    let templates = below.get(base);
    if (templates === undefined) {
      templates = templatesOf(labelSets);
      below.set(base, templates);
    }
    return templates;
  };
}
