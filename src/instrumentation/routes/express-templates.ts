/**
 * The templates of Express's routes: the patterns of the mounts on the way, then the route's own.
 *
 * A route that was met before is recognised by what its router tells, without building a string; what is new is worked
 * out once and kept with its Route object.
 */
import type { IncomingMessage } from "node:http";
import type { LabelPath, LabelSets } from "../../view/label-sets.ts";
import type { ExpressRoute } from "./express.ts";
import { RouteAlternatives } from "./express-alternatives.ts";
import {
  type ExpressApp,
  findMountLayers,
  isMounting,
  type Layer,
  mountPieces,
  type Piece,
  parameterPiece,
} from "./express-layers.ts";
import type { Mounts } from "./mounts.ts";
import { normalizeSegment } from "./normalizer.ts";

/** Templates that one Route object may own before differing segments become `*`. */
const MOST_TEMPLATES = 16;

/** A template, and how to recognise that a request is on it. */
interface Template {
  readonly path: LabelPath;
  /** By the mounts' patterns, where the router tells them … */
  readonly patterns: readonly unknown[] | undefined;
  /** … else by the base, and by the names of the parameters that each level must have. */
  readonly base: RegExp | undefined;
  readonly parameters: readonly (readonly string[])[];
}

/** One mount's share of a template. */
interface MountTemplate {
  readonly label: string;
  /** Source of a regular expression for the part of a path that the mount takes. */
  readonly source: string | undefined;
  readonly parameters: readonly string[];
}

type ExpressRequest = IncomingMessage & { readonly app?: ExpressApp; readonly [symbol: symbol]: unknown };

/** The router leaves the pattern of the layer that matched on the request, under a symbol of this name in each copy. */
const MATCHED_ROUTE = "router.tracing.matchedRoute";
/** Requests that are searched for that symbol on entering a mount; afterwards only on meeting something new. */
const MOST_SEARCHES = 100;

export class ExpressTemplates {
  readonly #labelSets: LabelSets;
  readonly #alternatives = new RouteAlternatives();
  readonly #atRoot = new WeakMap<object, LabelPath>();
  readonly #mounted = new WeakMap<object, Template[]>();
  readonly #matchedRouteSymbols: symbol[] = [];
  #searches = 0;

  constructor(labelSets: LabelSets) {
    this.#labelSets = labelSets;
  }

  /** Hot path (per mount). The pattern of the mount that is being entered, where the router tells it. */
  mountPattern(request: object): unknown {
    for (const symbol of this.#matchedRouteSymbols) {
      const pattern = (request as Record<symbol, unknown>)[symbol];
      if (pattern !== undefined) return pattern;
    }
    if (this.#searches >= MOST_SEARCHES) return undefined;
    this.#searches++;
    return this.#searchSymbol(request);
  }

  /** Hot path (per route that matches). */
  route(request: IncomingMessage, route: ExpressRoute, mounts: Mounts): LabelPath {
    const owner = Array.isArray(route.path) ? this.#alternatives.matching(route, request.url ?? "") : route;
    const known = mounts.depth === 0 ? this.#atRoot.get(owner) : recognise(this.#mounted.get(owner), mounts);
    return known ?? this.#learn(request as ExpressRequest, route, owner, mounts);
  }

  /** The mount that a request is in, without a route: `/files/*`. */
  mount(request: IncomingMessage, mounts: Mounts): LabelPath {
    // what is mounted on an application is as bounded as a route's templates, and kept with the application
    const owner = (request as ExpressRequest).app ?? this.#labelSets;
    const isTarget = (layer: Layer) => !layer.route && !isMounting(layer);
    return (
      recognise(this.#mounted.get(owner), mounts) ??
      this.#learnMounted(request as ExpressRequest, owner, isTarget, "/*", mounts)
    );
  }

  #learn(request: ExpressRequest, route: ExpressRoute, owner: object, mounts: Mounts): LabelPath {
    this.#searchSymbol(request);
    const pattern = String((owner as { path: unknown }).path);
    if (mounts.depth > 0)
      return this.#learnMounted(
        request,
        owner,
        (layer) => layer.route === route,
        pattern === "/" ? "" : pattern,
        mounts,
      );
    const path = this.#labelSets.template(pattern);
    this.#atRoot.set(owner, path);
    return path;
  }

  #learnMounted(
    request: ExpressRequest,
    owner: object,
    isTarget: (layer: Layer) => boolean,
    own: string,
    mounts: Mounts,
  ): LabelPath {
    const templates = this.#mounted.get(owner) ?? [];
    this.#mounted.set(owner, templates);
    const levels = mountTemplates(request, mounts, isTarget, templates.length >= MOST_TEMPLATES);
    const path = this.#labelSets.template(levels.map((level) => level.label).join("") + own || "/");
    if (templates.length < MOST_TEMPLATES * 2) templates.push(template(path, levels, mounts));
    return path;
  }

  #searchSymbol(request: object): unknown {
    for (const symbol of Object.getOwnPropertySymbols(request)) {
      if (symbol.description !== MATCHED_ROUTE) continue;
      if (!this.#matchedRouteSymbols.includes(symbol)) this.#matchedRouteSymbols.push(symbol);
      return (request as Record<symbol, unknown>)[symbol];
    }
    return undefined;
  }
}

/** Hot path (per route that matches under a mount). */
function recognise(templates: readonly Template[] | undefined, mounts: Mounts): LabelPath | undefined {
  if (templates === undefined) return undefined;
  for (let i = 0; i < templates.length; i++) {
    const template = templates[i] as Template;
    if (isOn(template, mounts)) return template.path;
  }
  return undefined;
}

function isOn({ patterns, base, parameters }: Template, mounts: Mounts): boolean {
  if (parameters.length !== mounts.depth) return false;
  if (patterns !== undefined) {
    for (let level = 0; level < mounts.depth; level++) if (mounts.pattern(level) !== patterns[level]) return false;
    return true;
  }
  if (base === undefined || !base.test(mounts.base)) return false;
  // one router under "/t/:tenant" and under "/t/list": only the parameters tell them apart
  for (let level = 0; level < mounts.depth; level++) {
    const params = mounts.params(level);
    for (const name of parameters[level] as readonly string[]) if (!(name in params)) return false;
  }
  return true;
}

function template(path: LabelPath, levels: readonly MountTemplate[], mounts: Mounts): Template {
  const patterns = levels.map((_, level) => mounts.pattern(level));
  const sources = levels.map((level) => level.source);
  return {
    path,
    patterns: patterns.includes(undefined) ? undefined : patterns,
    base: sources.includes(undefined) ? undefined : new RegExp(`^${sources.join("")}$`, "i"),
    parameters: levels.map((level) => level.parameters),
  };
}

function mountTemplates(
  request: ExpressRequest,
  mounts: Mounts,
  isTarget: (layer: Layer) => boolean,
  coarse: boolean,
): MountTemplate[] {
  const levels = Array.from({ length: mounts.depth }, (_, level) => level);
  const told = levels.every((level) => mounts.pattern(level) !== undefined);
  const layers = told || request.app === undefined ? undefined : findMountLayers(request.app, mounts, isTarget);
  return levels.map((level) => {
    const part = mounts.part(level);
    const pattern = mounts.pattern(level) ?? (layers?.[level] && mountPieces(layers[level], part));
    if (Array.isArray(pattern)) return fromPieces(pattern);
    if (typeof pattern === "string")
      return fromPieces(piecesOfParams(part, mounts.params(level), false), patternText(pattern));
    if (pattern instanceof RegExp) return { label: String(pattern), source: undefined, parameters: [] };
    return fromPieces(piecesOfParams(part, mounts.params(level), coarse));
  });
}

/** Last resort: a segment that equals the value of a parameter is that parameter, counted from the end. */
function piecesOfParams(part: string, params: Readonly<Record<string, unknown>>, coarse: boolean): Piece[] {
  const names = Object.keys(params).filter((name) => typeof params[name] === "string");
  const pieces: Piece[] = [];
  for (const segment of part.split("/").reverse()) {
    const name = names.findLast(
      (name) => params[name] === segment || encodeURIComponent(params[name] as string) === segment,
    );
    if (name !== undefined) names.splice(names.indexOf(name), 1);
    pieces.unshift({ literal: "/" }, name === undefined ? unproven(segment, coarse) : parameterPiece(name));
  }
  return pieces.slice(1);
}

function unproven(segment: string, coarse: boolean): Piece {
  const normalized = normalizeSegment(segment);
  if (normalized !== segment) return { variable: normalized };
  return coarse && segment !== "" ? { variable: "*" } : { literal: segment };
}

function fromPieces(pieces: readonly Piece[], label?: string): MountTemplate {
  return {
    label: label ?? pieces.map((piece) => ("literal" in piece ? piece.literal : piece.variable)).join(""),
    source: pieces.map((piece) => ("literal" in piece ? escapeRegExp(piece.literal) : "[^/]+")).join(""),
    parameters: pieces.flatMap((piece) =>
      "variable" in piece && piece.parameter !== undefined ? [piece.parameter] : [],
    ),
  };
}

/** `RegExp.escape` is there from Node 24 on. */
function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

/** A pattern as part of a path: a mount's trailing slash belongs to what comes after it. */
function patternText(pattern: string): string {
  return pattern.replace(/\/+$/, "");
}
