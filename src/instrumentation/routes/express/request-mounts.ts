/**
 * The mounts that a request is in, for the door (../route.ts).
 */
import type { IncomingMessage } from "node:http";
import type { LabelPath } from "../../../view/label-sets.ts";
import type { OuterMounts } from "../route.ts";
import { Mounts } from "./mounts.ts";
import type { ExpressTemplates } from "./templates.ts";

export class RequestMounts extends Mounts implements OuterMounts {
  readonly #templates: ExpressTemplates;

  constructor(templates: ExpressTemplates) {
    super();
    this.#templates = templates;
  }

  label(request: IncomingMessage): LabelPath | undefined {
    return this.depth === 0 ? undefined : this.#templates.mount(request, this);
  }

  /** Hot path (per request). A framework that was given the whole path knows of no mounts, and needs none. */
  labelBelow(request: IncomingMessage, target: string, route: LabelPath): LabelPath {
    if (this.depth === 0 || route === this.template || request.url === target) return route;
    return this.#templates.below(request, this, route);
  }
}
