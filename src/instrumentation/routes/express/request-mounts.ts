/**
 * The mounts that a request is in, for the door (../route.ts).
 */
import type { IncomingMessage } from "node:http";
import type { LabelPath } from "../../../view/label-sets.ts";
import type { OuterMounts } from "../route.ts";
import { AnsweringRoute } from "./answering-route.ts";
import { Mounts } from "./mounts.ts";
import type { PassingRoutes } from "./passing-routes.ts";
import type { ExpressTemplates } from "./templates.ts";

export class RequestMounts extends Mounts implements OuterMounts {
  readonly answering = new AnsweringRoute();
  readonly #templates: ExpressTemplates;
  readonly #passingRoutes: PassingRoutes;

  constructor(templates: ExpressTemplates, passingRoutes: PassingRoutes) {
    super();
    this.#templates = templates;
    this.#passingRoutes = passingRoutes;
  }

  override clear(): void {
    super.clear();
    this.answering.clear();
  }

  label(request: IncomingMessage): LabelPath | undefined {
    return this.depth === 0 ? undefined : this.#templates.mount(request, this);
  }

  /** Hot path (per request). A framework that was given the whole path knows of no mounts, and needs none. */
  labelBelow(request: IncomingMessage, target: string, route: LabelPath): LabelPath {
    if (this.depth === 0 || route === this.answering.template || request.url === target) return route;
    return this.#templates.below(request, this, route);
  }

  /** Hot path (per request). A route whose handlers are watched has told already. */
  hasLeft(request: IncomingMessage, route: LabelPath, statusCode: number): boolean {
    const { answering } = this;
    if (route !== answering.template) return false;
    const { params } = request as { readonly params?: unknown };
    const left = answering.leftFor(this.depth, params, statusCode >= 200 && statusCode < 300);
    if (left === undefined || this.#passingRoutes.isWatched(left)) return false;
    this.#passingRoutes.watch(left);
    return true;
  }
}
