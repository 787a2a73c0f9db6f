/**
 * The path label of a request: the route's template, or what stands in for it.
 */
import type { IncomingMessage } from "node:http";
import type { LabelPath, LabelSets } from "../../view/label-sets.ts";
import type { RequestInFlight, ServerSeen } from "../in-flight.ts";
import type { ExpressTemplates } from "./express-templates.ts";
import { isNotFoundRoute } from "./nest.ts";
import { NextRoutes } from "./next.ts";

/** A refusal: 4xx, given by a framework before one of its routes matched. */
function isRefusal(statusCode: number): boolean {
  return statusCode >= 400 && statusCode < 500;
}

export class PathLabels {
  readonly #labelSets: LabelSets;
  readonly #normalize: (target: string) => string;
  readonly #expressTemplates: ExpressTemplates;
  readonly #nextRoutes: NextRoutes;
  /**
   * Raw paths that are their own label: as many as there are labels. To remember those with identifiers gains nothing,
   * they hardly come back, and what is kept for a while only to be dropped costs the collector more than normalising.
   */
  readonly #remembered = new Map<string, LabelPath>();

  /** @param normalize maps a request's target as received to its path with identifiers replaced */
  constructor(labelSets: LabelSets, expressTemplates: ExpressTemplates, normalize: (target: string) => string) {
    this.#labelSets = labelSets;
    this.#expressTemplates = expressTemplates;
    this.#normalize = normalize;
    this.#nextRoutes = new NextRoutes(labelSets);
  }

  /** Hot path (per request). The label of a request that has ended with this status. */
  ended(request: RequestInFlight, server: ServerSeen, statusCode: number): LabelPath {
    // before all others: an Express in front of Next has one route for all of its pages
    const ofNext = this.#nextRoutes.label(request);
    if (ofNext !== undefined) return ofNext;
    if (request.template !== undefined && !(statusCode === 404 && isNotFoundRoute(request.request as IncomingMessage)))
      return request.template;
    if (request.framework) return this.#unrouted(request, statusCode);
    // no framework has shown it: a plain server, or an answer that Node, the code before the framework or the
    // framework itself gave before its routing
    if (server.framework && (isRefusal(statusCode) || server.isFrameworks())) return this.#labelSets.unmatched;
    return this.#normalized(request.target);
  }

  /** The label of a request in flight, as far as it is known by now. */
  inFlight(request: RequestInFlight, server: ServerSeen): LabelPath {
    const ofNext = this.#nextRoutes.label(request);
    if (ofNext !== undefined) return ofNext;
    if (request.template !== undefined) return request.template;
    if (request.framework || server.framework) return this.#labelSets.unmatched;
    return this.#normalized(request.target);
  }

  /**
   * No route matched, so this is `unmatched`, unless a handler under a mount has answered (`app.use("/files", …)`,
   * static files): that is the mount's answer. A refusal or a preflight there is given to anything that comes.
   */
  #unrouted({ request, mounts }: RequestInFlight, statusCode: number): LabelPath {
    const isMounts = mounts.depth > 0 && !isRefusal(statusCode) && request?.method !== "OPTIONS";
    return isMounts ? this.#expressTemplates.mount(request as IncomingMessage, mounts) : this.#labelSets.unmatched;
  }

  #normalized(target: string): LabelPath {
    const remembered = this.#remembered.get(target);
    if (remembered !== undefined) return remembered;
    const path = this.#labelSets.normalized(this.#normalize(target));
    if (path.value === target) this.#remembered.set(target, path);
    return path;
  }
}
