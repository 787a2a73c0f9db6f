/**
 * The path label of a request: the route's template, or what stands in for it.
 */
import type { IncomingMessage } from "node:http";
import type { LabelPath, LabelSets } from "../../view/label-sets.ts";
import type { RequestInFlight, ServerSeen } from "../http/in-flight.ts";
import { ConnectMounts } from "./connect.ts";
import type { ExpressTemplates } from "./express/templates.ts";
import { type FeathersTemplates, feathersTemplates } from "./feathers.ts";
import { isNotFoundRoute } from "./nest.ts";
import { NextRoutes } from "./next.ts";
import { KnownPaths } from "./plain/known-paths.ts";
import { createNormalizer, type PathPattern } from "./plain/normalizer.ts";
import { toldRoute } from "./rpc-metadata.ts";

/** An upgrade: it goes past the framework, which gets requests. */
const SWITCHING_PROTOCOLS = 101;

/** A refusal: 4xx, given by a framework before one of its routes matched. */
function isRefusal(statusCode: number): boolean {
  return statusCode >= 400 && statusCode < 500;
}

/** A refusal or a preflight, without a route: it is given to anything that comes. */
function isForAnything(request: IncomingMessage | undefined, statusCode: number): boolean {
  return isRefusal(statusCode) || request?.method === "OPTIONS";
}

export interface PathLabelsOptions {
  readonly labelSets: LabelSets;
  readonly expressTemplates: ExpressTemplates;
  /** RED_PATH_PATTERNS. */
  readonly patterns: readonly PathPattern[];
  /**
   * Called when a request has ended that no framework is known to have had in its hands: the first one, and whenever there
   * are twice as many.
   */
  readonly onNormalized: () => void;
}

export class PathLabels {
  readonly #labelSets: LabelSets;
  readonly #normalize: (target: string) => string;
  /** Undefined where patterns of the user's come before all rules. */
  readonly #known: KnownPaths | undefined;
  readonly #expressTemplates: ExpressTemplates;
  readonly #feathersTemplates: FeathersTemplates;
  readonly #connectMounts: ConnectMounts;
  readonly #nextRoutes: NextRoutes;
  /** Those that have been offered to the known paths. */
  readonly #normalizedPaths = new Set<LabelPath>();
  /**
   * Raw paths that are their own label: as many as there are labels. To remember those with identifiers gains nothing,
   * they hardly come back, and what is kept for a while only to be dropped costs the collector more than normalising.
   */
  readonly #remembered = new Map<string, LabelPath>();
  readonly #onNormalized: () => void;
  #normalizedSoFar = 0;

  constructor({ labelSets, expressTemplates, patterns, onNormalized }: PathLabelsOptions) {
    this.#labelSets = labelSets;
    this.#expressTemplates = expressTemplates;
    this.#normalize = createNormalizer(patterns);
    this.#known = patterns.length === 0 ? new KnownPaths() : undefined;
    this.#onNormalized = onNormalized;
    this.#feathersTemplates = feathersTemplates(labelSets);
    this.#connectMounts = new ConnectMounts(labelSets);
    this.#nextRoutes = new NextRoutes(labelSets);
  }

  /** Hot path (per request). The label of a request that has ended with this status. */
  ended(request: RequestInFlight, server: ServerSeen, statusCode: number): LabelPath {
    // before all others: an Express in front of Next has one route for all of its pages
    const ofNext = this.#nextRoutes.label(request);
    if (ofNext !== undefined) return ofNext;
    const { route } = request;
    if (route !== undefined && !(statusCode === 404 && isNotFoundRoute(request.request as IncomingMessage)))
      return this.#placed(request, route);
    if (request.framework) return this.#unrouted(request, statusCode);
    const told = toldRoute();
    if (told !== undefined) return this.#labelSets.template(told);
    if (server.connect !== undefined) {
      if (isForAnything(request.request, statusCode)) return this.#labelSets.unmatched;
      const mount = request.request && this.#connectMounts.label(server.connect, request.request, request.target);
      return mount ?? this.#normalized(request.target);
    }
    const count = ++this.#normalizedSoFar;
    if ((count & (count - 1)) === 0) this.#onNormalized();
    // no framework has shown it: a plain server, or an answer that Node, the code before the framework or the
    // framework itself gave before its routing
    if (server.framework && statusCode !== SWITCHING_PROTOCOLS && (isRefusal(statusCode) || server.isFrameworks()))
      return this.#labelSets.unmatched;
    return this.#normalized(request.target);
  }

  /** The label of a request in flight, as far as it is known by now. */
  inFlight(request: RequestInFlight, server: ServerSeen): LabelPath {
    const ofNext = this.#nextRoutes.label(request);
    if (ofNext !== undefined) return ofNext;
    const { route } = request;
    if (route !== undefined) return this.#placed(request, route);
    if (request.framework || server.framework) return this.#labelSets.unmatched;
    return this.#normalized(request.target);
  }

  /** Hot path (per request). A framework in a mount of Express's knows nothing of that, unless it was given the whole path. */
  #placed({ mounts, request, target }: RequestInFlight, route: LabelPath): LabelPath {
    if (mounts.depth === 0 || route === mounts.template || request === undefined || request.url === target)
      return route;
    return this.#expressTemplates.below(request, mounts, route);
  }

  /**
   * No route matched, so this is `unmatched`, unless a handler under a mount has answered (`app.use("/files", …)`,
   * static files): that is the mount's answer. A refusal or a preflight there is given to anything that comes.
   */
  #unrouted(inFlight: RequestInFlight, statusCode: number): LabelPath {
    const { request, mounts, mount } = inFlight;
    const service = request && this.#feathersTemplates(request);
    if (service !== undefined) return this.#placed(inFlight, service);
    if (isForAnything(request, statusCode)) return this.#labelSets.unmatched;
    if (mounts.depth > 0) return this.#expressTemplates.mount(request as IncomingMessage, mounts);
    return mount ?? this.#labelSets.unmatched;
  }

  #normalized(target: string): LabelPath {
    const known = this.#known?.find(target) ?? this.#remembered.get(target);
    if (known !== undefined) return known;
    const path = this.#labelSets.normalized(this.#normalize(target));
    if (path.value === target) this.#remembered.set(target, path);
    if (!this.#normalizedPaths.has(path)) {
      this.#normalizedPaths.add(path);
      this.#known?.add(path);
    }
    return path;
  }
}
