/**
 * Tables of routes of a framework in several versions: what is expected of each, and the applications of
 * test/apps/routes-frameworks that serve it.
 */
import { basename, resolve } from "node:path";
import { type RouteRow, type RowDetails, testRoutes } from "./route-table.ts";

/** What the versions do, or document, differently. */
type ByVersion<T> = T | Readonly<Record<string, T>>;

export type FrameworkRow = readonly [
  shape: string,
  request: string,
  path: ByVersion<string>,
  status: ByVersion<number>,
  docs: string,
  /** `only` are the versions that have it. Default: all. */
  details?: RowDetails & { readonly only?: readonly string[] },
];

function of<T extends string | number>(value: ByVersion<T>, version: string): T {
  return typeof value === "object" ? (value[version] as T) : value;
}

function rowsOf(rows: readonly FrameworkRow[], version: string): RouteRow[] {
  return rows
    .filter(([, , , , , details]) => details?.only?.includes(version) ?? true)
    .map(([shape, request, path, status, docs, details]) => [
      shape,
      request,
      of(path, version),
      of(status, version),
      docs,
      details ?? {},
    ]);
}

/** The script of an application, from test/apps/routes-frameworks or absolute, then its arguments. */
export interface FrameworkApp {
  /** As the rows call it. */
  readonly version: string;
  readonly args: readonly [script: string, ...args: string[]];
  /** Default: the Node that runs the tests. */
  readonly nodeVersion?: string;
  /** Installs what the application needs. */
  readonly prepare?: () => void;
  /** What is said on stderr, as in `TableOptions`. */
  readonly said?: readonly string[];
}

export function testFramework(name: string, apps: readonly FrameworkApp[], rows: readonly FrameworkRow[]): void {
  for (const { version, args, nodeVersion, prepare, said } of apps) {
    const [script, ...others] = args;
    const path = resolve(import.meta.dirname, "../apps/routes-frameworks", script);
    const title = `${name} ${version}, ${basename(script)}${nodeVersion === undefined ? "" : `, Node.js ${nodeVersion}`}`;
    testRoutes(title, { args: [path, ...others], nodeVersion, prepare, said }, rowsOf(rows, version));
  }
}
