/**
 * The label sets in use, and the budget that bounds them (RED_MAX_LABEL_SETS).
 *
 * A path has one operation (OpenAPI's word) for each method, an operation one label set for each status code. Finding the
 * label set of a request takes two array look-ups and builds no key. Nothing is ever evicted. A request that finds the
 * budget spent is shown under `path="other"`, with its method and status code.
 *
 * Who may spend: `other` and `unmatched` always, they are bounded by themselves; a reserve is kept for them, and what
 * they spend beyond it comes on top. Templates of a router up to that reserve. Normalised raw paths, which a client can
 * invent, up to half the budget, so that a scanner's flood cannot crowd out the routes.
 *
 * A framework's application that answers without a route has at most 100 raw paths. Past them it is shown under `/*`, which is
 * bounded by itself, too: a single-page application answers 200 to every path, and that is no reason for an alert.
 */
import type { Attributes } from "@opentelemetry/api";
import type { IAttributesProcessor } from "@opentelemetry/sdk-metrics";
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
} from "@opentelemetry/semantic-conventions";
import { Changes } from "./changes.ts";
import { METHODS } from "./methods.ts";
import { ParserErrorCounts } from "./parser-errors.ts";
import { isErrorStatus, LABEL_STATUS_CODE } from "./red.ts";

/** Where the value of a path label comes from. */
export const PATH_SOURCES = ["template", "normalized", "unmatched", "other"] as const;
export type PathSource = (typeof PATH_SOURCES)[number];

const UNMATCHED = "unmatched";
const OTHER = "other";
const ANYTHING = "/*";
/** Raw paths of answers that were given without a route. */
const MOST_UNROUTED = 100;

/** The span of a request that was measured. */
export interface Exemplar {
  /** 32 and 16 hexadecimal digits. */
  readonly traceId: string;
  readonly spanId: string;
  /** Of the measurement, in seconds. */
  readonly value: number;
  /** Since the epoch. */
  readonly atMs: number;
}

/** One series of the duration histogram, and with it of the counters that are derived from it. */
export class LabelSet {
  /** Position in `LabelSets.all`, and of its values in the aggregator. */
  readonly index: number;
  readonly operation: Operation;
  readonly statusCode: number;
  readonly isError: boolean;
  /** Of its path, when its first request ended: what is counted by it may not move from one source to another. */
  readonly source: PathSource;
  /** The RED labels. Always this one object, so that what is rendered from it can be kept with it. */
  readonly attributes: Attributes;
  /** The latest one, by bucket. */
  readonly exemplars: (Exemplar | undefined)[] = [];

  constructor(index: number, operation: Operation, statusCode: number, attributes: Attributes) {
    this.index = index;
    this.operation = operation;
    this.statusCode = statusCode;
    this.isError = isErrorStatus(statusCode);
    this.source = operation.path.source;
    this.attributes = attributes;
  }
}

/** A method on a path: one series of `http_requests_active`, and of `http_requests_aborted_total` once it has one. */
export class Operation {
  /** Position in `LabelSets.operations`. */
  readonly index: number;
  readonly path: LabelPath;
  readonly methodIndex: number;
  /** The RED labels without the status code. Always this one object. */
  readonly attributes: Attributes;
  readonly labelSets: LabelSet[] = [];
  /** Requests whose connection went away before the response was sent. */
  aborted = 0;

  constructor(index: number, path: LabelPath, methodIndex: number, attributes: Attributes) {
    this.index = index;
    this.path = path;
    this.methodIndex = methodIndex;
    this.attributes = attributes;
  }
}

/** One value of the path label. */
export class LabelPath {
  readonly value: string;
  source: PathSource;
  /** Takes what has no room left under this path. Default: `other`. */
  overflow: LabelPath | undefined = undefined;
  /** By method index. */
  readonly operations: (Operation | undefined)[] = new Array(METHODS.length).fill(undefined);

  constructor(value: string, source: PathSource) {
    this.value = value;
    this.source = source;
  }
}

/** The reserve for `other` and `unmatched`: a twentieth of the budget, at most as much as a service can fill. */
const MOST_RESERVED = 50;

export class LabelSets {
  readonly all: LabelSet[] = [];
  readonly operations: Operation[] = [];
  readonly unmatched = new LabelPath(UNMATCHED, "unmatched");
  readonly other = new LabelPath(OTHER, "other");
  /** `/*`: answers without a route, where there are too many paths, or where the path is a file's name. */
  readonly anything = new LabelPath(ANYTHING, "normalized");
  /** No requests, so they have neither method nor path, and no part in the budget. */
  readonly parserErrors: ParserErrorCounts;
  /** Marked by all that counts a request. */
  readonly changes: Changes;

  readonly #paths = new Map<string, LabelPath>([
    [UNMATCHED, this.unmatched],
    [OTHER, this.other],
    [ANYTHING, this.anything],
  ]);
  readonly #labels: IAttributesProcessor;
  #mostOwn = 0;
  #mostNormalized = 0;
  readonly #spent: Record<PathSource, number> = { template: 0, normalized: 0, unmatched: 0, other: 0 };
  #onOverflow: (() => void) | undefined;
  #unrouted = 0;

  /**
   * @param limit most label sets at a time, RED_MAX_LABEL_SETS
   * @param labels maps OpenTelemetry's attributes to the RED labels: the view's attributes processor
   * @param onOverflow called once, when the first request does not get a label set of its own
   */
  constructor(limit: number, labels: IAttributesProcessor, onOverflow?: () => void, changes = new Changes()) {
    this.#labels = labels;
    this.changes = changes;
    this.parserErrors = new ParserErrorCounts(labels, this.changes);
    this.limit = limit;
    this.#onOverflow = onOverflow;
  }

  /** Most label sets at a time. Set before the first request only. */
  set limit(limit: number) {
    this.#mostOwn = limit - Math.min(MOST_RESERVED, Math.ceil(limit / 20));
    this.#mostNormalized = Math.floor(limit / 2);
  }

  /** Label sets that are taken; a method on a path that was only ever seen in flight counts as one. */
  get spent(): number {
    const { template, normalized, unmatched, other } = this.#spent;
    return template + normalized + unmatched + other;
  }

  /** The path of a route's template. Bounded by the routes of the application. */
  template(value: string): LabelPath {
    const path = this.#path(value, "template");
    if (path.source === "normalized") this.#promote(path);
    return path;
  }

  /** The path of a normalised raw path, or `other` where it is new and no more of them are taken in. */
  normalized(value: string): LabelPath {
    const known = this.#paths.get(value);
    if (known !== undefined) return known;
    return this.#hasRoom("normalized") ? this.#path(value, "normalized") : this.#overflow();
  }

  /** The normalised raw path of an answer that a framework's application gave without a route, or `/*` past the first 100. */
  unrouted(value: string): LabelPath {
    const known = this.#paths.get(value);
    if (known !== undefined) return known;
    if (this.#unrouted >= MOST_UNROUTED || !this.#hasRoom("normalized")) return this.anything;
    this.#unrouted++;
    const path = this.#path(value, "normalized");
    path.overflow = this.anything;
    return path;
  }

  /** A path that another process has seen, as far as there is room for it here. */
  admit(value: string, source: PathSource, isUnrouted: boolean): LabelPath {
    if (source === "template") return this.template(value);
    return isUnrouted ? this.unrouted(value) : this.normalized(value);
  }

  #path(value: string, source: PathSource): LabelPath {
    let path = this.#paths.get(value);
    if (path === undefined) {
      path = new LabelPath(value, source);
      this.#paths.set(value, path);
    }
    return path;
  }

  /** A raw path that turns out to be a route, seen in flight before: from now on it may spend as much as a route. */
  #promote(path: LabelPath): void {
    path.source = "template";
    path.overflow = undefined;
    for (const operation of path.operations) {
      if (operation === undefined) continue;
      const spent = Math.max(1, operation.labelSets.length);
      this.#spent.normalized -= spent;
      this.#spent.template += spent;
    }
  }

  /** Hot path (per request). The label set of a request that ended; of `other` where the budget is spent. */
  labelSet(path: LabelPath, methodIndex: number, statusCode: number): LabelSet {
    // of `other`, perhaps, which may have this status already
    const operation = path.operations[methodIndex] ?? this.operation(path, methodIndex);
    const { labelSets } = operation;
    for (let i = 0; i < labelSets.length; i++) {
      const labelSet = labelSets[i] as LabelSet;
      if (labelSet.statusCode === statusCode) return labelSet;
    }
    return this.#newLabelSet(operation, statusCode);
  }

  /** The operation of a request in flight; of `other` where the budget is spent. */
  operation(path: LabelPath, methodIndex: number): Operation {
    const known = path.operations[methodIndex];
    if (known !== undefined) return known;
    if (!this.#hasRoomFor(path)) return this.operation(path.overflow ?? this.#overflow(), methodIndex);
    const { [LABEL_STATUS_CODE]: _, ...attributes } = this.#attributes(path, methodIndex, 0);
    const operation = new Operation(this.operations.length, path, methodIndex, Object.freeze(attributes));
    path.operations[methodIndex] = operation;
    this.operations.push(operation);
    this.#spend(path.source);
    return operation;
  }

  #newLabelSet(operation: Operation, statusCode: number): LabelSet {
    const { path, methodIndex } = operation;
    // the first label set of an operation takes what the operation itself was counted as
    if (operation.labelSets.length > 0) {
      if (!this.#hasRoomFor(path)) return this.labelSet(path.overflow ?? this.#overflow(), methodIndex, statusCode);
      this.#spend(path.source);
    }
    const attributes = Object.freeze(this.#attributes(path, methodIndex, statusCode));
    const labelSet = new LabelSet(this.all.length, operation, statusCode, attributes);
    operation.labelSets.push(labelSet);
    this.all.push(labelSet);
    return labelSet;
  }

  #attributes(path: LabelPath, methodIndex: number, statusCode: number): Attributes {
    return this.#labels.process({
      [ATTR_HTTP_REQUEST_METHOD]: METHODS[methodIndex],
      [ATTR_HTTP_RESPONSE_STATUS_CODE]: statusCode,
      [ATTR_HTTP_ROUTE]: path.value,
    });
  }

  #hasRoomFor(path: LabelPath): boolean {
    return path === this.anything || this.#hasRoom(path.source);
  }

  #hasRoom(source: PathSource): boolean {
    if (source === "other" || source === "unmatched") return true;
    const { template, normalized } = this.#spent;
    return template + normalized < this.#mostOwn && (source !== "normalized" || normalized < this.#mostNormalized);
  }

  #spend(source: PathSource): void {
    this.#spent[source]++;
  }

  #overflow(): LabelPath {
    this.#onOverflow?.();
    this.#onOverflow = undefined;
    return this.other;
  }
}
