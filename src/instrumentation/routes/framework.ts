/**
 * The contract of a framework's file: what it exports for the list in frameworks.ts, and what its observers receive.
 */
import type { PackageFile } from "../../node/package-files.ts";
import type { LabelPath, LabelSets } from "../../view/label-sets.ts";
import type { RequestInFlight } from "../http/request-in-flight.ts";
import type { ReportSource, RouteSource } from "./route.ts";
import type { Undo } from "./wrapped-method.ts";

export interface Framework {
  /** The files with its classes, as each module system gets them. */
  readonly files?: readonly FrameworkFile[];
  /** How it is recognised where a bundler has put it into the application's own files. */
  readonly bundle?: BundleMarks;
  /** Begins to observe at once, for a framework that shows its routes without a file of its own. */
  readonly observe?: (observation: Observation) => Observer;
}

export interface FrameworkFile extends Omit<PackageFile, "onLoaded"> {
  /** Wraps what the file exports. A version that we do not know may lack any of it, or all. */
  readonly observe: (exports: Readonly<Record<string, unknown>>, observation: Observation) => Undo;
  /** Why its routes cannot be seen, and what to do about it, in words. Default: they are seen. */
  readonly unseen?: string;
}

export interface BundleMarks {
  /** As messages call it. */
  readonly name: string;
  /**
   * All of these match the file with its class, in each known version. Minifiers leave alone what they look for: strings
   * and names of properties. They must not match our own bundles.
   */
  readonly marks: readonly RegExp[];
  /** It is always part of what it builds: nobody can leave it out. */
  readonly isAlwaysBundled?: boolean;
}

export interface Observer {
  /** Observes the properties that routers assign to requests. @param prototype of all requests of a protocol */
  readonly observeRequests?: (prototype: object) => void;
  /** Asked about each request, where nothing of the framework can be observed while the request is handled. */
  readonly reader?: EndReader;
  /** Returns a reader where a server's listener is an application of the framework; else `undefined`. */
  readonly readerOf?: (listener: unknown) => EndReader | undefined;
  /** Stops observing. Requests under way are still read. */
  readonly remove?: () => void;
}

/**
 * A reader that is called at the end of every request, unless a stronger source has reported. A reader of `FINAL` is also
 * called at each scrape while the request is in flight. Of two readers with the same source, the one whose framework comes
 * first in the list wins.
 */
export interface EndReader {
  /** `SERVICE` is asked only about requests that a framework has reported, `TELEMETRY` and `LISTENER` only about others. */
  readonly source: Exclude<RouteSource, ReportSource | typeof RouteSource.NONE>;
  /** Asked only about answers with status 404. */
  readonly onlyNotFound?: boolean;
  /** Hot path (per request). Returns `undefined` where the framework has not handled the request. */
  readonly read: (request: RequestInFlight) => LabelPath | undefined;
}

export interface Observation {
  readonly labelSets: LabelSets;
  /** Takes a message about a framework whose routes cannot be seen. */
  readonly onUnknown: (message: string) => void;
  /** Takes an exception out of our own code. */
  readonly onFailure: (error: unknown) => void;
}
